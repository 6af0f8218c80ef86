"""The second eye of the danger screen: hears danger in what a message means, also when no word of it alarms.

A line for each topic, the kinds of danger among them, is laid over the vectors of the shared sentence encoder: of the whole
message and of its clauses. `make danger-eye` learns the lines from the project's own examples, in a minute or so, into `lines.json`.
"""
