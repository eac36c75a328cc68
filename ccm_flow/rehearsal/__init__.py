"""
What a playbook change would do: recorded months replayed, future ones simulated.

Pure: no files, no clock; whatever is drawn by lot is drawn from a seed that is given.
"""
