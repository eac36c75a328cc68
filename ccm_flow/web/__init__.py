"""The web application: pages for people and, later on, an API for programs."""
