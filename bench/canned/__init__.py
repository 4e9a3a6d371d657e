"""A canned endpoint: healthy answers for everything that a catalogue declares, each after the same wait.

Data flows one way: bytes -> ``call`` (which operation, of what) -> ``answers`` (healthy, from the parameters and the
catalogue) -> ``wire`` (bytes again) -> ``server`` (sent when the wait is over).
"""
