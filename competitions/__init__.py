"""Competitions, stakes, submissions, evaluations, leaderboards, settlement."""
