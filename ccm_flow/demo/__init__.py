"""The demo clinic: a real month on a real server, played by simulated staff."""
