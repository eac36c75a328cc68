"""A patient's month as a FHIR R4 bundle."""
