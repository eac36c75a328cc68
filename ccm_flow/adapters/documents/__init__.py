"""Documents that leave the house: packets as JSON and PDF, claim lines as CSV."""
