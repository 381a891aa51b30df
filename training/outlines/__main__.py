"""Countries' outlines for the map, from Natural Earth: `digest/render/outlines.json`.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m training.outlines package/countries-50m.json

Reads the TopoJSON of the npm package world-atlas (ISC; its data is Natural Earth's 1:50m, in the
public domain), keeps what lies in the window of the five countries of `vigie.territories`, and
simplifies each line (Douglas and Peucker) to within 0.02 degrees.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WINDOW = (-12.0, 40.0, 18.0, 57.0)  # west, south, east, north, in degrees
TOLERANCE = 0.02  # degrees; about two kilometres
OUT = Path(__file__).parents[2] / "digest" / "render" / "outlines.json"
Point = tuple[float, float]


def main(source: Path) -> None:
    atlas = json.loads(source.read_text())
    arcs = [_points(arc, atlas["transform"]) for arc in atlas["arcs"]]
    rings = []
    for country in atlas["objects"]["countries"]["geometries"]:
        shapes = country.get("arcs", [])
        for polygon in shapes if country["type"] == "MultiPolygon" else [shapes]:
            for ring in polygon[:1]:
                points = _joined(ring, arcs)
                if any(_inside(point) for point in points):
                    rings.append([list(point) for point in _simple(points)])
    kept = sorted(ring for ring in rings if len(ring) > 3)
    OUT.write_text(json.dumps(kept, separators=(",", ":")) + "\n")
    sys.stdout.write(f"{OUT}: {len(kept)} outlines, {OUT.stat().st_size} bytes\n")


def _points(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    """Absolute degrees from TopoJSON's quantized steps."""
    x = y = 0
    points = []
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def _joined(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def _inside(point: Point) -> bool:
    west, south, east, north = WINDOW
    return west <= point[0] <= east and south <= point[1] <= north


def _simple(points: list[Point]) -> list[Point]:
    """The ring with at most so many points as the tolerance asks, rounded."""
    half = len(points) // 2  # a ring ends where it begins: two open lines are simplified
    line = _thinned(points[: half + 1]) + _thinned(points[half:])[1:]
    return [(round(x, 2), round(y, 2)) for x, y in line]


def _thinned(points: list[Point]) -> list[Point]:
    if len(points) < 3:
        return points
    (ax, ay), (bx, by) = points[0], points[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5

    def away(point: Point) -> float:
        x, y = point
        if not length:
            return float(((x - ax) ** 2 + (y - ay) ** 2) ** 0.5)
        return float(abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length)

    far = max(range(1, len(points) - 1), key=lambda at: away(points[at]))
    if away(points[far]) <= TOLERANCE:
        return [points[0], points[-1]]
    return _thinned(points[: far + 1])[:-1] + _thinned(points[far:])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
