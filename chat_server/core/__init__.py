"""What the service knows and decides, in plain Python: no web, no database, no Rasa."""
