"""What ``build.py`` does, one module a job. Standard library only: it runs before anything is installed."""
