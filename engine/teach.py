"""Where ``run_jobs`` was before 0.2; this name goes in 0.3."""

from .training.jobs import run_jobs as teach

__all__ = ["teach"]
