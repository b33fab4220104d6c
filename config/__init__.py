"""Wiring: settings, urls, celery, logging, system checks. No rules of its own."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
