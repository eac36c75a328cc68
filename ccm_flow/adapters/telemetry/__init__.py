"""
What a set-up tells of itself to those who run it: metrics, traces and logs.

Nothing of a patient is in them: labels are ids of clinics and words from closed lists, spans pass
a gate that lets known attributes through alone. The libraries are loaded only when switched on.
"""
