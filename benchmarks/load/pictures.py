"""Small line charts as SVG, written by hand: no library is worth it for this."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 70, 170, 44, 46
COLOURS = ("#1d70b8", "#d4351c", "#00703c", "#4c2c92")
Points = Sequence[tuple[float, float]]


def chart(title: str, across: str, up: str, lines: Mapping[str, Points], goal: float | None = None) -> str:
    """A chart with a scale of tens across; the dashed line is the goal."""
    xs = [x for points in lines.values() for x, _ in points]
    top = max([y for points in lines.values() for _, y in points] + ([goal] if goal else [])) * 1.15 or 1.0
    low, high = log10(min(xs)), log10(max(xs))

    def at(x: float, y: float) -> tuple[float, float]:
        part = (log10(x) - low) / (high - low) if high > low else 0.5
        return LEFT + part * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    drawn = [_text(LEFT, 22, title, size=15, weight="bold"), _text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 8, across, anchor="middle")]
    drawn.append(_text(LEFT, TOP - 6, up))
    for part in range(5):
        value = top * part / 4
        x, y = at(min(xs), value)
        drawn.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#d0d3d6"/>')
        drawn.append(_text(LEFT - 8, y + 4, f"{value:.3g}", anchor="end"))
    for x_value in sorted(set(xs)):
        x, _ = at(x_value, 0)
        drawn.append(_text(x, HEIGHT - BOTTOM + 18, f"{x_value:,.0f}", anchor="middle"))
    if goal:
        _, y = at(min(xs), goal)
        drawn.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#0b0c0c" stroke-dasharray="6 4"/>')
        drawn.append(_text(WIDTH - RIGHT + 8, y + 4, "goal"))
    for (name, points), colour in zip(lines.items(), COLOURS, strict=False):
        places = [at(*point) for point in points]
        drawn.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
    drawn += _key(lines)
    label = escape(f"{title}: " + "; ".join(f"{name} {', '.join(f'{x:,.0f}: {y:.3g}' for x, y in points)}" for name, points in lines.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{label}" '
        f'font-family="Arial, sans-serif" font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>' + "".join(drawn) + "</svg>\n"
    )


def _key(lines: Mapping[str, Points]) -> list[str]:
    drawn = []
    for number, (name, colour) in enumerate(zip(lines, COLOURS, strict=False)):
        y = HEIGHT - BOTTOM - 14 - 20 * number
        drawn += [f'<rect x="{WIDTH - RIGHT + 10}" y="{y - 9}" width="12" height="12" fill="{colour}"/>', _text(WIDTH - RIGHT + 28, y + 2, name)]
    return drawn


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="#0b0c0c">{escape(words)}</text>'
