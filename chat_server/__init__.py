"""The live chat of Child Maintenance Options: the gateway between parents, the dialogue model and human agents."""

__version__ = "0.1.0"
