"""Many nodes, a network and a virtual clock: from a set-up to a checked trace.

Standard library only. Chance enters in one place, :mod:`raftstep.simulation.run`.
"""
