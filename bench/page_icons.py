"""The home-screen icons: `icon.svg` painted at 192 and 512 pixels, edge to edge so that a phone may cut any shape.

    python bench/page_icons.py

Writes beside the SVG in pitrainer/web/static. Needs Debian's chromium.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "pitrainer" / "web" / "static"
GROUND = "#0b0e13"
COLOURS_MAX = 24
PAINT = """async ([side, ground, svg]) => {
    const image = new Image();
    image.src = 'data:image/svg+xml,' + encodeURIComponent(svg);
    await image.decode();
    const canvas = new OffscreenCanvas(side, side);
    const pen = canvas.getContext('2d');
    pen.fillStyle = ground;
    pen.fillRect(0, 0, side, side);
    pen.drawImage(image, 0, 0, side, side);
    return [...pen.getImageData(0, 0, side, side).data].map((each) => each.toString(16).padStart(2, '0')).join('');
}"""


def main() -> int:
    svg = (STATIC / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for side in (192, 512):
            pixels = bytes.fromhex(page.evaluate(PAINT, [side, GROUND, svg]))
            (STATIC / f"icon-{side}.png").write_bytes(png(side, pixels))
        browser.close()
    return 0


def png(side: int, rgba: bytes) -> bytes:
    """A square of opaque pixels as a PNG with a palette, which keeps flat drawings small: of the smoothed edges only
    the most frequent shades are kept, each other pixel takes the nearest of them."""
    colours = [rgba[at : at + 3] for at in range(0, len(rgba), 4)]
    palette = [colour for colour, _ in Counter(colours).most_common(COLOURS_MAX)]
    index = {colour: _nearest(colour, palette) for colour in set(colours)}
    points = bytes(index[colour] for colour in colours)
    lines = b"".join(b"\0" + points[at : at + side] for at in range(0, len(points), side))
    header = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(kind, body) for kind, body in parts)


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    distances = [sum((a - b) ** 2 for a, b in zip(colour, other, strict=True)) for other in palette]
    return distances.index(min(distances))


def _part(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    sys.exit(main())
