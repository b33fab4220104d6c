"""Tags as real writers wrote them; the numbers are those of the UDL reference."""

ADDRESS = "89tR0-C1m3_sCWCoVCChg4gFYKdiH5_ZDyZpdJ2DDRw"
V01 = "yRj4a5KMctX_uOmKWCFJIjmY8DeJcusVk6-HzLiM_t8"
V02 = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
AKORD = "IVjAM1C3x3GFdc3t9EqMnbtGnpgTuJbaiYZa1lk09_8"

V1 = {"License": V02}
V2 = {
    "license": V02,
    "access-fee": "One-Time-1.5",
    "derivation": "Allowed-With-RevenueShare-12.5%",
    "commercial-use": "Allowed-With-Fee-One-Time-20",
    "data-model-training": "Allowed-With-Fee-Monthly-3",
    "unknown-usage-rights": "Excluded",
    "expiry": "5",
    "currency": "AR",
    "payment-mode": "Global-Distribution",
    "payment-address": ADDRESS,
}
V3 = {"-".join(w.capitalize() for w in k.split("-")): v for k, v in V2.items()}
V4 = {
    "License": V02,
    "Derivation": "Allowed-With-Credit",
    "Commercial-Use": "Allowed-With-Credit",
    "Data-Model-Training": "Allowed",
}
V5 = {
    "License": V02,
    "Derivation": "Allowed-With-Fee-One-Time-1",
    "Commercial-Use": "Allowed-With-Fee-One-Time-1",
    "Data-Model-Training": "Allowed-With-Fee-One-Time-1",
}
V6 = {
    "License": V02,
    "Derivation": "Allowed",
    "Commercial-Use": "Allowed",
    "Data-Model-Training": "Allowed",
}
V7 = {
    "License": AKORD,
    "License-Fee": "Monthly-5",
    "Derivation": "Allowed-With-RevenueShare-30%",
    "After-2-Years-Derivation": "Allowed-With-RevenueShare-10%",
    "Commercial-Use": "Allowed-With-Credit",
    "Payment-Address": ADDRESS,
}
V8_ONE_TIME = {
    "License": V01,
    "License-Fee": "One-Time-1500",
    "Expires": "5",
    "Currency": "AR",
}
V8_MONTHLY = {**V8_ONE_TIME, "License-Fee": "Monthly-200"}
V10 = {
    "License": V02,
    "Currency": "xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10",
    "Access-Fee": "One-Time-0.001",
    "Derivations": "Allowed-With-One-Time-Fee-0.01",
    "Commercial-Use": "Allowed-With-One-Time-Fee-0.01",
    "Data-Model-Training": "Disallowed",
    "Payment-Mode": "Single",
    "Payment-Address": "dMAl8ZjkibRhma_rN8pDYiBW1DeWhvKYcBfqUfu-VhA",
}
V12 = {
    "License": V02,
    "Derivation": "Allowed-With-RevenueShare-10%",
    "Commercial-Use": "Allowed",
}
V13 = {"License": V02, "license": V01}
V14 = {"License": V02, "Commercial-Use": "Allowed-With-Fee-One-Time-0"}
V16 = {
    "License": V02,
    "Access": "Restricted",
    "Access-Fee": "One-Time-0.5",
    "Payment-Mode": "Global-Distribution",
}
