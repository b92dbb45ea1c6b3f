"""What authors write: a scenario in YAML, loaded with all its mistakes named, played into a trace with captions."""
