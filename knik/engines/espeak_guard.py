"""The one lock around libespeak-ng.

The library keeps its voice, its callback and its output mode in globals of its own, and both the
built-in synthesizer and Kokoro's phonemiser use it. There is one such library per process, hence one
lock per process: the single global that knik allows itself.
"""

import threading

ESPEAK_LOCK = threading.RLock()
