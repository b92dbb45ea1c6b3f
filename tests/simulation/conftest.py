"""The profile for a long search: ``pytest tests/simulation --hypothesis-profile=long``."""

from hypothesis import settings

settings.register_profile("long", max_examples=20_000, deadline=None)
