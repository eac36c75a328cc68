"""Reading patients from record systems: FHIR bundles now, other exports beside them."""
