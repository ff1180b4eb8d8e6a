"""A flat picture of what sounds like what: sounds with alike descriptors become near places.

Source: t-distributed stochastic neighbour embedding, van der Maaten and Hinton 2008, with all pairs of up to 1,500
sounds; of more, the others are placed between those that they are most like.
"""

import numpy as np

from ...engine import Trajectories
from .units import Floats, MapError

# About so many neighbours count for each sound.
PERPLEXITY = 20.0
MOST_PAIRED = 1500
# At first what is alike draws so many times stronger, so that groups find together.
EAGER, EAGER_STEPS, STEPS = 12.0, 120, 500
# How strongly the picture is drawn to its middle: enough to be as wide as the map, where it would be round.
SHAPE = 0.002


def likeness_of(latents: Trajectories) -> Floats:
    """What each sound is like, ``[n, d]``: its descriptors where all are known, else statistics of its latents.

    Of latents the mean, the deviation and the mean change from frame to frame. Raises MapError.
    """
    if latents.descriptors and len({one.shape for one in latents.descriptors}) == 1 and latents.descriptors[0].size:
        return np.stack([np.asarray(one, np.float64).reshape(-1) for one in latents.descriptors])
    rows = []
    for name, array in zip(latents.names, latents.arrays, strict=True):
        if not len(array):
            raise MapError(f"layout: {name} has no latent frames; remove it")
        frames = np.clip(np.asarray(array, np.float64), -1e6, 1e6)
        change = np.abs(np.diff(frames, axis=0)).mean(axis=0) if len(frames) > 1 else np.zeros(frames.shape[1])
        rows.append(np.concatenate([frames.mean(axis=0), frames.std(axis=0), change]))
    return np.stack(rows)


def standardised(features: Floats) -> Floats:
    """Each column with mean 0 and deviation 1, those that are the same for all sounds 0: ``[n, d]``."""
    table = features / (np.abs(features).max(initial=0.0) or 1.0)
    table = table - table.mean(axis=0)
    deviation = table.std(axis=0)
    scaled: Floats = np.where(deviation > 1e-9, table / np.maximum(deviation, 1e-9), 0.0)
    return scaled


def squared_distances(some: Floats, others: Floats) -> Floats:
    """Between all of ``[n, d]`` and all of ``[m, d]``: ``[n, m]``."""
    squares = np.sum(some**2, axis=1)[:, np.newaxis] + np.sum(others**2, axis=1) - 2.0 * (some @ others.T)
    np.maximum(squares, 0.0, out=squares)
    return np.asarray(squares)


def embedded(table: Floats, aspect: float, random: np.random.Generator) -> Floats:
    """Places ``[n, 2]`` for standardised features ``[n, d]``, about ``aspect`` times as wide as high.

    The same features and generator give the same places. Scale and middle mean nothing.
    """
    count = len(table)
    if count < 4:
        return _principal_components(table, random)
    if count <= MOST_PAIRED:
        return _paired(table, aspect, random)
    chosen = np.sort(random.choice(count, MOST_PAIRED, replace=False))
    places = _paired(table[chosen], aspect, random)
    made = np.empty((count, 2))
    for begin in range(0, count, 1024):
        made[begin : begin + 1024] = between(table[begin : begin + 1024], table[chosen], places)
    made[chosen] = places
    return made


def between(table: Floats, known: Floats, places: Floats) -> Floats:
    """Places ``[n, 2]`` for features among known ones ``[m, d]`` with places ``[m, 2]``: the mean of the most alike."""
    distances = squared_distances(table, known)
    kept = min(3, len(known))
    nearest = np.argpartition(distances, kept - 1, axis=1)[:, :kept]
    weights = 1.0 / (np.take_along_axis(distances, nearest, axis=1) + 1e-6)
    weights /= weights.sum(axis=1, keepdims=True)
    mean: Floats = np.einsum("nk,nkc->nc", weights, places[nearest])
    return mean


def _principal_components(table: Floats, random: np.random.Generator) -> Floats:
    """The two directions in which features differ most (principal components)."""
    left, strengths, _ = np.linalg.svd(table, full_matrices=False)
    kept = min(2, left.shape[1])
    places = np.zeros((len(table), 2))
    places[:, :kept] = left[:, :kept] * strengths[:kept]
    places *= np.where(places[np.argmax(np.abs(places), axis=0), [0, 1]] < 0, -1.0, 1.0)
    noise: Floats = random.normal(0, 1e-3 * (np.abs(places).max() or 1.0), places.shape)
    return places + noise


def _paired(table: Floats, aspect: float, random: np.random.Generator) -> Floats:
    count = len(table)
    likeness = _likeness(table).astype(np.float32)
    start = _principal_components(table, random)
    places = (start / (start[:, 0].std() or 1.0) * 1e-4).astype(np.float32)
    moves, gains = np.zeros_like(places), np.ones_like(places)
    rate = np.float32(max(count / 12, min(count / 4, 50)))
    near, pull = np.empty((count, count), np.float32), np.empty((count, count), np.float32)
    # a weak pull to the middle, stronger across than along, gives the picture the shape of the map
    inward = np.array([1.0, aspect], np.float32) ** 2
    for step in range(STEPS):
        is_eager = step < EAGER_STEPS
        squares = np.einsum("nc,nc->n", places, places)
        np.matmul(places, places.T, out=near)
        near *= -2.0
        near += squares[:, np.newaxis]
        near += squares + np.float32(1.0)
        np.maximum(near, 1.0, out=near)
        np.reciprocal(near, out=near)
        np.fill_diagonal(near, 0.0)
        np.multiply(likeness, np.float32(EAGER if is_eager else 1.0), out=pull)
        pull *= near
        near *= near
        near *= np.float32(1.0 / float(np.sqrt(near).sum(dtype=np.float64)))
        pull -= near
        gradient = 4.0 * (pull.sum(axis=1)[:, np.newaxis] * places - pull @ places)
        if not is_eager:
            gradient += np.float32(SHAPE / count) * inward * places
        is_turning = np.sign(gradient) != np.sign(moves)
        gains = np.where(is_turning, gains + np.float32(0.2), np.maximum(gains * np.float32(0.8), np.float32(0.01)))
        moves = np.float32(0.5 if is_eager else 0.8) * moves - rate * gains * gradient
        places = places + moves
    return places.astype(np.float64)


def _likeness(table: Floats) -> Floats:
    """How much each sound is a neighbour of each other, symmetric, sum 1: ``[n, n]``."""
    count = len(table)
    distances = squared_distances(table, table)
    np.fill_diagonal(distances, 0.0)
    wanted = np.log(min(PERPLEXITY, (count - 1) / 3))
    low, high, sharp = np.full(count, 1e-6), np.full(count, 1e6), np.ones(count)
    off = ~np.eye(count, dtype=bool)
    # the nearest neighbour counts as 1, however far it is: no row can vanish
    distances -= np.min(distances, axis=1, where=off, initial=np.inf)[:, np.newaxis]
    shares = off.astype(np.float64)
    for _ in range(40):
        shares = np.exp(-np.maximum(distances, 0.0) * sharp[:, np.newaxis]) * off
        sums = shares.sum(axis=1)
        entropy = np.log(sums) + sharp * np.sum(distances * shares, axis=1) / sums
        is_wide = entropy > wanted
        low, high = np.where(is_wide, sharp, low), np.where(is_wide, high, sharp)
        sharp = np.sqrt(low * high)
    shares /= shares.sum(axis=1, keepdims=True)
    symmetric: Floats = np.maximum((shares + shares.T) / (2 * count), 1e-12)
    return symmetric
