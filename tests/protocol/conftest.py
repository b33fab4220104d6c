from hypothesis import HealthCheck, settings

# a busy machine is slow, not wrong
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
