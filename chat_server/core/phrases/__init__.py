"""Reads what parents write about their own case. Plain functions over text; what is read is always shown back."""
