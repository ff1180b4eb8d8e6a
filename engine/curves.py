"""A knob's way along its range, 0 … 1: straight, by equal ratios (log), by squares (exponential), or by squares from
the middle to both sides (bipolar).
"""

from math import copysign, log, sqrt


def value_at(place: float, low: float, high: float, curve: str = "linear") -> float:
    """The value at a place, exactly ``low`` at 0 and ``high`` at 1; places outside are taken as the nearer end.

    ``low`` may be above ``high``. A log curve needs both above 0 and is straight otherwise.
    """
    place = min(max(float(place), 0.0), 1.0)
    if place in (0.0, 1.0):
        return high if place else low
    if _is_log(low, high, curve):
        return float(low * (high / low) ** place)
    if curve == "exponential":
        place = place * place
    elif curve == "bipolar":
        place = 0.5 + copysign(2.0 * (place - 0.5) ** 2, place - 0.5)
    return low + (high - low) * place


def place_of(value: float, low: float, high: float, curve: str = "linear") -> float:
    """Where a value lies, 0 … 1, the other way round; 0 in a range without length."""
    if low == high:
        return 0.0
    if _is_log(low, high, curve):
        # below the range there is no logarithm at all; so little is the low end anyway
        place = log(max(value, 1e-12) / low) / log(high / low)
    else:
        place = (value - low) / (high - low)
        if curve == "exponential":
            place = sqrt(max(place, 0.0))
        elif curve == "bipolar":
            place = 0.5 + copysign(sqrt(abs(place - 0.5) / 2.0), place - 0.5)
    return min(max(place, 0.0), 1.0)


def _is_log(low: float, high: float, curve: str) -> bool:
    return curve == "log" and low > 0 and high > 0
