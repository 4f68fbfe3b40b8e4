"""The engine process: found, set up, started, spoken to and ended here and nowhere else."""
