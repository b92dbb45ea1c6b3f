"""The pages of the Codex, and its links and citations on all other pages."""
