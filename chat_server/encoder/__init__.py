"""How a text is read by a model: `tidy`, cut into `clauses`, and turned into a vector by a `sentence_encoder`.

Shared by the gateway and the dialogue model, so it runs on Python 3.10 too and knows nothing of either.
"""
