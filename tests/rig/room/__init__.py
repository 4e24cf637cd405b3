"""A simulated room: who speaks in it, what the loudspeaker adds, and what noise there is."""
