"""`make encoder`: teach the sentence encoder what parents write. Rare, and in an environment of its own (.venv-encoder)."""
