from hypothesis import HealthCheck, settings

# a busy machine is slow, not wrong
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
if settings.get_current_profile_name() == "default":
    settings.load_profile("unhurried")
