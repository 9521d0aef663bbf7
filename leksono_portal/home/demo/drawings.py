"""Pictures for the example's reports: plain drawings, and clearly so.

`draw(scene, percent)` gives the bytes of a JPEG: hills, and before them the work as far
as it has come. The same every time.
"""

import io
import math
from functools import cache

from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 960)
SKY, SUN = "#dcebe6", "#f4d58d"
FAR, NEAR, GROUND = "#9dbfa9", "#5f957a", "#c9b48a"
DARK, WOOD, STONE, WATER = "#2b3a33", "#8a5a34", "#9a9a92", "#5b9bc4"
LEAF, RED, WHITE = "#2f7a4f", "#b4472f", "#f7f5ee"
LABEL = "Gambar contoh, bukan foto"


@cache
def draw(scene, percent):
    """scene: one of SCENES; percent: how far the work has come, 0 to 100."""
    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    _land(pen)
    SCENES[scene](pen, percent / 100)
    _label(pen)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _land(pen):
    width, height = SIZE
    pen.ellipse((1010, 90, 1130, 210), fill=SUN)
    for base, swing, colour in ((430, 90, FAR), (520, 60, NEAR)):
        ridge = [
            (x, base + swing * math.sin(x / 210 + base) - swing / 2 * math.sin(x / 90))
            for x in range(0, width + 20, 20)
        ]
        pen.polygon([(0, height), *ridge, (width, height)], fill=colour)
    pen.polygon([(0, 640), (width, 600), (width, height), (0, height)], fill=GROUND)


def _label(pen):
    font = ImageFont.load_default(26)
    left, top, right, bottom = pen.textbbox((28, 906), LABEL, font=font)
    pen.rectangle((left - 12, top - 8, right + 12, bottom + 10), fill=WHITE)
    pen.text((28, 906), LABEL, font=font, fill=DARK)


def _bridge(pen, done):
    pen.polygon([(470, 622), (810, 612), (900, 960), (380, 960)], fill=WATER)
    for x in (380, 880):
        pen.rectangle((x - 34, 640, x + 34, 740), fill=STONE)
        if done > 0.3:
            pen.rectangle((x - 12, 400, x + 12, 640), fill=DARK)
    if done <= 0.3:
        return
    reach = min(1, (done - 0.3) / 0.6)
    for step in range(int(25 * reach) + 1):
        x = 380 + step * 20
        sag = 120 * (1 - ((x - 630) / 250) ** 2)
        pen.ellipse((x - 5, 405 + sag - 5, x + 5, 405 + sag + 5), fill=DARK)
        pen.line((x, 405 + sag, x, 640), fill=DARK, width=3)
        pen.rectangle((x - 9, 634, x + 9, 650), fill=WOOD)
    if done == 1:
        pen.line((380, 600, 880, 600), fill=RED, width=6)
        _person(pen, 560, 634)
        _person(pen, 640, 634, RED)


def _kitchen(pen, done):
    for number in range(2 + round(2 * done)):
        _person(pen, 415 + number * 150, 690, RED if number % 2 else LEAF)
    pen.rectangle((230, 700, 1050, 740), fill=WOOD)
    for x in (260, 1000):
        pen.rectangle((x, 740, x + 26, 880), fill=WOOD)
    for number in range(5):
        x = 300 + number * 150
        if number < 1 + round(4 * done):
            pen.rectangle((x, 600, x + 80, 700), fill=WHITE, outline=DARK, width=4)
            pen.rectangle((x + 8, 640, x + 72, 680), fill=SUN)
            pen.rectangle((x + 10, 584, x + 70, 602), fill=LEAF)
        else:
            for salak in range(3):
                left = x + salak * 28
                pen.polygon(
                    [(left, 700), (left + 14, 660), (left + 28, 700)], fill="#6b3f26"
                )


def _books(pen, done):
    pen.polygon([(180, 760), (1100, 735), (1100, 800), (180, 830)], fill=STONE)
    pen.rectangle((420, 520, 800, 740), fill=LEAF)
    pen.polygon([(800, 600), (900, 620), (930, 740), (800, 740)], fill=DARK)
    for x in (500, 720, 890):
        pen.ellipse((x - 44, 712, x + 44, 800), fill=DARK)
        pen.ellipse((x - 16, 740, x + 16, 772), fill=STONE)
    if done:
        for shelf in range(2):
            for book in range(round(12 * done)):
                colour = (RED, SUN, WHITE, WATER)[(book + shelf) % 4]
                x, y = 440 + book * 28, 545 + shelf * 95
                pen.rectangle((x, y, x + 20, y + 78), fill=colour)
    for number in range(round(4 * done)):
        _person(pen, 200 + number * 52, 780, (RED, LEAF)[number % 2], small=True)


def _waste(pen, done):
    pen.rectangle((220, 480, 640, 740), fill=WHITE, outline=DARK, width=5)
    pen.polygon([(190, 490), (430, 370), (670, 490)], fill=RED)
    pen.rectangle((380, 590, 480, 740), fill=WOOD)
    for number, colour in enumerate((LEAF, WATER, SUN)):
        x = 690 + number * 120
        pen.polygon(
            [(x, 640), (x + 90, 640), (x + 78, 750), (x + 12, 750)], fill=colour
        )
        pen.rectangle((x - 6, 622, x + 96, 642), fill=DARK)
    for number in range(round(16 * (1 - done))):
        x, y = 700 + number * 73 % 400, 790 + number * 37 % 80
        pen.rectangle((x, y, x + 34, y + 24), fill=(STONE, RED, WHITE)[number % 3])
    for number in range(round(3 * done)):
        _person(pen, 720 + number * 120, 790, LEAF)


def _pipe(pen, done):
    pen.polygon([(120, 720), (1240, 830), (1240, 880), (120, 780)], fill="#7b5f3c")
    laid = 120 + 1120 * done
    for y, colour, width in ((754, DARK, 26), (748, WATER, 8)):
        pen.line((120, y, laid, y + (laid - 120) * 0.1), fill=colour, width=width)
    pen.rectangle((60, 570, 250, 760), fill=STONE, outline=DARK, width=5)
    pen.rectangle((84, 590, 226, 650), fill=WATER)
    if done > 0.5:
        pen.rectangle((620, 680, 760, 820), fill=STONE, outline=DARK, width=5)
    if done < 1:
        for step, colour in ((30, RED), (100, DARK)):
            x = int(max(laid, 260)) + step
            _person(pen, x, 715 + (x - 120) // 10, colour)


def _slope(pen, done):
    pen.polygon(
        [(0, 960), (0, 560), (520, 380), (1280, 700), (1280, 960)], fill="#b98b5a"
    )
    for terrace in range(4):
        y = 560 + terrace * 90
        pen.line((120, y + 40, 1180, y + 60), fill=STONE, width=10)
        for number in range(9):
            if (number + terrace * 9) / 36 < done:
                _tree(pen, 170 + number * 115, y + 42, 0.5 + done / 2)
    if done < 1:
        _person(pen, 900, 860)
        _person(pen, 980, 870, RED)


def _tree(pen, x, y, size):
    pen.rectangle((x - 4, y - 40 * size, x + 4, y), fill=WOOD)
    pen.ellipse((x - 30 * size, y - 96 * size, x + 30 * size, y - 30 * size), fill=LEAF)


def _person(pen, x, y, colour=DARK, *, small=False):
    tall = 70 if small else 100
    pen.rounded_rectangle((x - 16, y - tall + 30, x + 16, y), 10, fill=colour)
    pen.ellipse((x - 15, y - tall - 2, x + 15, y - tall + 28), fill="#a5714b")
    pen.pieslice((x - 24, y - tall - 14, x + 24, y - tall + 22), 180, 360, fill=SUN)


SCENES = {
    "bridge": _bridge,
    "kitchen": _kitchen,
    "books": _books,
    "waste": _waste,
    "pipe": _pipe,
    "slope": _slope,
}
