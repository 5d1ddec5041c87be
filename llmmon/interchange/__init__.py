"""Objectives of other tools become a spec, and a spec's objectives become OpenSLO."""
