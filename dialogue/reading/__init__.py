"""Reading words without any model: clauses, what parents say about themselves, what a short question points back to.

Plain Python; nothing of Rasa.
"""
