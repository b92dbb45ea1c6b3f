"""Why each rule is there: what breaks without it, found by search, kept as certificates, played as runs."""
