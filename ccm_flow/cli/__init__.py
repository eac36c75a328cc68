"""The commands that people type. Modules here are light; `cli.work` does what they say."""
