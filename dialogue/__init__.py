"""The dialogue model's own process: Rasa 3.6.21 behind a channel that takes one turn and returns keys, never sentences.

Everything here runs in Rasa's environment (Python 3.10) and imports Rasa, nothing of the gateway.
`train` makes a model, `serve` answers with it.
"""
