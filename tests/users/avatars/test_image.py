"""Brief B7: every file becomes a right picture or one refusal."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from tests.users.avatars import sample_pictures as samples
from tests.users.avatars.sample_pictures import (
    BLUE,
    GREEN,
    QUADRANTS,
    RED,
    WHITE,
    encoded,
    quadrants,
)
from users.avatars.image import (
    MAX_SCANS,
    ExitStatus,
    ImageRejected,
    make_thumbnail,
    scan_count,
    webp_size,
)

JPEG_LOSS = 24
"""How far a channel may be off after one or two lossy encodings."""


def opened(data: bytes) -> Image.Image:
    picture, extension = make_thumbnail(data)
    image = Image.open(io.BytesIO(picture))
    assert image.format == {"jpg": "JPEG", "png": "PNG"}[extension]
    assert max(image.size) <= 200
    image.load()
    return image


def quadrants_of(image: Image.Image) -> list[tuple[int, ...]]:
    width, height = image.size
    rgb = image.convert("RGB")
    points = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [tuple(pixel) for point in points if isinstance(pixel := rgb.getpixel(point), tuple)]


def assert_upright(image: Image.Image, *, tolerance: int = JPEG_LOSS) -> None:
    for found, expected in zip(quadrants_of(image), QUADRANTS, strict=True):
        assert_colour(found, expected, tolerance=tolerance)


def assert_colour(found: object, expected: tuple[int, ...], *, tolerance: int = JPEG_LOSS) -> None:
    assert isinstance(found, tuple)
    assert len(found) == len(expected)
    assert all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True)), found


COLOUR_FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(quadrants(), "JPEG", quality=92),
    "jpeg progressive": lambda: encoded(quadrants(), "JPEG", quality=92, progressive=True),
    "jpeg 4:4:4": lambda: encoded(quadrants(), "JPEG", quality=92, subsampling=0),
    "jpeg cmyk": lambda: encoded(quadrants().convert("CMYK"), "JPEG", quality=92),
    "mpo": lambda: encoded(
        quadrants(), "MPO", quality=92, save_all=True, append_images=[Image.new("RGB", (60, 40))]
    ),
    "png rgb": lambda: encoded(quadrants(), "PNG"),
    "png rgba": lambda: encoded(quadrants().convert("RGBA"), "PNG"),
    "png palette": lambda: encoded(quadrants().quantize(4), "PNG"),
    "apng": lambda: encoded(
        quadrants(), "PNG", save_all=True, append_images=[Image.new("RGB", (60, 40))] * 3
    ),
    "webp": lambda: encoded(quadrants(), "WEBP", quality=90),
    "webp lossless": lambda: encoded(quadrants(), "WEBP", lossless=True),
    "webp animated": lambda: encoded(
        quadrants(),
        "WEBP",
        lossless=True,
        save_all=True,
        append_images=[Image.new("RGB", (60, 40))] * 3,
    ),
    "gif": lambda: encoded(quadrants(), "GIF"),
    "gif animated": lambda: encoded(
        quadrants(), "GIF", save_all=True, append_images=[Image.new("RGB", (60, 40))] * 3
    ),
}

GREY_FILES: dict[str, Callable[[], bytes]] = {
    "jpeg grey": lambda: encoded(quadrants().convert("L"), "JPEG"),
    "png grey": lambda: encoded(quadrants().convert("L"), "PNG"),
    "png grey and alpha": lambda: encoded(quadrants().convert("LA"), "PNG"),
    "png grey of 16 bits": lambda: encoded(samples.sixteen_bit_grey(), "PNG"),
    "gif grey": lambda: encoded(quadrants().convert("L"), "GIF"),
}


class TestColours:
    @pytest.mark.parametrize("name", COLOUR_FILES)
    def test_colours_are_kept(self, name: str) -> None:
        assert_upright(opened(COLOUR_FILES[name]()))

    @pytest.mark.parametrize("name", GREY_FILES)
    def test_colours_of_grey_pictures_are_kept(self, name: str) -> None:
        greys = quadrants_of(quadrants().convert("L"))

        found = quadrants_of(opened(GREY_FILES[name]()))

        for grey, expected in zip(found, greys, strict=True):
            assert_colour(grey, expected, tolerance=8)

    @pytest.mark.parametrize(
        ("mode", "file_format"),
        [
            ("RGB", "JPEG"),
            ("CMYK", "JPEG"),
            ("RGB", "PNG"),
            ("P", "PNG"),
            ("RGB", "WEBP"),
            ("P", "GIF"),
        ],
    )
    def test_colours_are_kept_when_scaled_down(self, mode: str, file_format: str) -> None:
        large = quadrants(900, 600)
        large = large.quantize(4) if mode == "P" else large.convert(mode)

        image = opened(encoded(large, file_format, quality=92))

        assert image.size == (200, 133)
        assert_upright(image)

    def test_colours_of_black_and_white_are_kept(self) -> None:
        image = Image.new("1", (40, 40), 0)
        image.paste(1, (20, 0, 40, 40))

        found = opened(encoded(image, "PNG"))

        assert [found.getpixel((5, 20)), found.getpixel((35, 20))] == [0, 255]

    def test_colours_survive_a_profile_that_does_not_fit_and_one_that_changes_nothing(self) -> None:
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        unfitting = encoded(quadrants(), "PNG", icc_profile=lab.tobytes())
        same = encoded(quadrants(), "PNG", icc_profile=srgb.tobytes())

        assert_upright(opened(unfitting), tolerance=2)
        assert_upright(opened(same), tolerance=2)

    def test_colours_are_converted_before_their_profile_goes(self) -> None:
        swapped = _profile_with_red_and_blue_swapped()

        found = quadrants_of(opened(encoded(quadrants(), "PNG", icc_profile=swapped)))

        assert_colour(found[0], BLUE, tolerance=12)
        assert_colour(found[2], RED, tolerance=12)


def _profile_with_red_and_blue_swapped() -> bytes:
    """sRGB with the tags of the red and the blue primary exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


class TestTransparency:
    def test_transparency_stays(self) -> None:
        for file_format in ("PNG", "WEBP"):
            image = opened(encoded(samples.with_alpha(), file_format, lossless=True))

            assert image.mode == "RGBA"
            assert_colour(image.getpixel((45, 10)), (*GREEN, 255), tolerance=2)
            assert image.getchannel("A").getpixel((10, 10)) == 0

    def test_transparency_does_not_bleed_when_scaled_down(self) -> None:
        image = samples.with_alpha(1200, 800)
        # What is hidden is bright: a careless average would show it at the border.
        hidden = Image.new("RGBA", image.size, (255, 255, 0, 0))
        image = Image.composite(image, hidden, image.getchannel("A"))

        found = opened(encoded(image, "PNG"))

        for x in range(100, 104):
            pixel = found.getpixel((x, 30))
            assert isinstance(pixel, tuple)
            assert_colour(pixel[:3], GREEN, tolerance=6)

    @pytest.mark.parametrize("file_format", ["PNG", "GIF"])
    def test_transparency_of_a_palette_entry_stays_and_hides_its_colour(
        self, file_format: str
    ) -> None:
        hole = samples.palette_with_hole(600, 400)

        found = opened(encoded(hole, file_format, transparency=hole.info["transparency"]))

        assert found.mode == "RGBA"
        assert found.getchannel("A").getpixel((20, 20)) == 0
        assert_colour(found.getpixel((150, 20)), (*GREEN, 255))

    def test_transparency_of_one_colour_stays(self) -> None:
        found = opened(encoded(quadrants(), "PNG", transparency=RED))

        assert found.getchannel("A").getpixel((5, 5)) == 0
        assert_colour(found.getpixel((45, 5)), (*GREEN, 255), tolerance=2)

    def test_transparency_of_one_colour_of_16_bits_stays(self) -> None:
        row = b"\0" + struct.pack(">6H", 0xFFFF, 0, 0, 0, 0xFFFF, 0)
        hole = samples.png_chunk(b"tRNS", struct.pack(">3H", 0xFFFF, 0, 0))

        found = opened(samples.png_of(2, 1, hole, samples.png_pixels(row), depth=16))

        assert found.getchannel("A").getpixel((0, 0)) == 0
        assert found.getpixel((1, 0)) == (0, 255, 0, 255)

    def test_transparency_of_one_grey_of_16_bits_stays(self) -> None:
        row = b"\0" + struct.pack(">3H", 999, 1000, 0xFFFF)
        hole = samples.png_chunk(b"tRNS", struct.pack(">H", 1000))
        pixels = samples.png_pixels(row)

        found = opened(samples.png_of(3, 1, hole, pixels, depth=16, colour=0))

        assert list(found.getchannel("A").get_flattened_data()) == [255, 0, 255]


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
    def test_orientation_is_applied(self, orientation: int, file_format: str) -> None:
        upright = quadrants(300, 200)
        how = samples.STORED_AS.get(orientation)
        saved_file = upright if how is None else upright.transpose(how)

        found = opened(encoded(saved_file, file_format, exif=samples.exif(orientation)))

        assert found.size == (200, 133)
        assert_upright(found)
        assert not found.getexif()

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_that_is_none_is_passed_over(self, orientation: int) -> None:
        found = opened(encoded(quadrants(), "JPEG", exif=samples.exif(orientation)))

        assert_upright(found)

    def test_orientation_in_damaged_metadata_is_passed_over(self) -> None:
        data = encoded(quadrants(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage")

        assert_upright(opened(data))


class TestSize:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ((1, 1), (1, 1)),
            ((3, 2), (3, 2)),
            ((199, 199), (199, 199)),
            ((200, 200), (200, 200)),
            ((201, 201), (200, 200)),
            ((200, 201), (199, 200)),
            ((1, 10_000), (1, 200)),
            ((10_000, 1), (200, 1)),
            ((640, 480), (200, 150)),
            ((479, 641), (149, 200)),
            ((3_000, 2_000), (200, 133)),
            ((4_000, 4_000), (200, 200)),
        ],
    )
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_size_is_at_most_200_with_the_aspect_kept(
        self, before: tuple[int, int], after: tuple[int, int], file_format: str
    ) -> None:
        options = {"method": 0} if file_format == "WEBP" else {}

        found = opened(encoded(Image.new("RGB", before, RED), file_format, **options))

        assert found.size == after
        assert_colour(found.convert("RGB").getpixel((0, 0)), RED)

    @pytest.mark.parametrize(
        ("size", "file_format", "small"),
        [
            ((8_192, 6_144), "JPEG", (200, 150)),
            ((8_160, 6_144), "JPEG", (200, 151)),
            ((1_440, 11_600), "PNG", (25, 200)),
            ((4_096, 4_100), "GIF", (200, 200)),
        ],
    )
    def test_size_of_what_phones_and_screens_make_is_taken(
        self, size: tuple[int, int], file_format: str, small: tuple[int, int]
    ) -> None:
        assert opened(encoded(quadrants(*size), file_format)).size == small

    @pytest.mark.parametrize(
        ("size", "file_format"),
        [
            ((8_192, 6_153), "JPEG"),
            ((8_000, 8_000), "JPEG"),
            ((4_100, 4_098), "PNG"),
            ((4_100, 4_098), "GIF"),
            ((4_100, 4_098), "WEBP"),
        ],
    )
    def test_above_the_limit_is_refused_by_name(
        self, size: tuple[int, int], file_format: str
    ) -> None:
        options = {"method": 0} if file_format == "WEBP" else {}
        data = encoded(Image.new("L", size), file_format, **options)

        assert _refusal(data) is ExitStatus.TOO_MANY_PIXELS

    @pytest.mark.parametrize("side", [13_000, 60_000, 2**31 - 1])
    def test_size_in_a_header_is_enough_to_refuse(self, side: int) -> None:
        assert _refusal(samples.png_of(side, side)) is ExitStatus.TOO_MANY_PIXELS

    @pytest.mark.parametrize(
        ("chunk", "options"),
        [
            (b"VP8 ", {}),
            (b"VP8L", {"lossless": True}),
            (
                b"VP8X",
                {"save_all": True, "append_images": [quadrants(43, 61).rotate(90, expand=True)]},
            ),
        ],
    )
    def test_the_header_of_a_webp_tells_its_size(
        self, chunk: bytes, options: dict[str, Any]
    ) -> None:
        data = encoded(quadrants(61, 43), "WEBP", **options)

        assert data[12:16] == chunk
        assert webp_size(data) == (61, 43)

    def test_a_file_that_breaks_off_in_its_header_tells_no_size(self) -> None:
        for end in range(30):
            assert webp_size(encoded(quadrants(), "WEBP")[:end]) is None


class TestMetadata:
    def test_metadata_is_gone(self) -> None:
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SecretXMP</x:xmpmeta>'
        metadata = {"exif": samples.exif(), "icc_profile": srgb, "xmp": xmp}
        text = samples.png_chunk(b"tEXt", b"Author\0SecretAuthor")
        files = [
            encoded(quadrants(), "JPEG", comment=b"SecretComment", **metadata),
            encoded(quadrants(), "WEBP", **metadata),
            encoded(quadrants(), "PNG", exif=samples.exif(), icc_profile=srgb),
            samples.tiny_png_with(text),
            encoded(quadrants(), "GIF", comment=b"SecretComment"),
            encoded(quadrants(), "PNG") + b"<script>Secret</script>",
            samples.phone_photo(),
        ]

        for data in files:
            picture, _ = make_thumbnail(data)

            for trace in (b"Secret", b"Exif", b"ICC_PROFILE", b"iCCP", b"GPS", b"xmp"):
                assert trace not in picture
            assert set(Image.open(io.BytesIO(picture)).info) <= {
                "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi",
            }  # fmt: skip

    def test_that_is_a_picture_does_not_count_as_scans(self) -> None:
        thumbnail = samples.progressive_jpeg(8, 8, scans=MAX_SCANS)
        tags = b"Exif\0\0" + thumbnail
        film = b"\0\0\0\x18ftypmp42" + b"\xff\xda" * 1_000

        data = encoded(quadrants(), "JPEG", quality=92, exif=tags, comment=b"\xff\xda" * 100) + film

        assert scan_count(data) == 1
        assert_upright(opened(data))


class TestRefusal:
    @pytest.mark.parametrize("file_format", ["BMP", "TIFF", "ICO", "PPM", "JPEG2000", "PDF", "EPS"])
    def test_refusal_of_other_formats(self, file_format: str) -> None:
        assert _refusal(encoded(quadrants(), file_format)) is ExitStatus.UNREADABLE

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\0",
            b"GIF89a",
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x04\0\0\0WEBP",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<html><script>alert(1)</script></html>",
            b"hello" * 1_000,
        ],
    )
    def test_refusal_of_what_is_no_picture(self, data: bytes) -> None:
        assert _refusal(data) is ExitStatus.UNREADABLE

    @pytest.mark.parametrize(
        ("name", "share"),
        [
            *((name, share) for name in ("png rgb", "webp", "gif") for share in (0.1, 0.5, 0.9)),
            *((name, share) for name in ("jpeg", "jpeg progressive") for share in (0.1, 0.5)),
        ],
    )
    def test_refusal_of_truncated_files(self, name: str, share: float) -> None:
        noise = Image.effect_noise((64, 64), 80).convert("RGB")
        file_format = name.split(maxsplit=1)[0].upper()
        whole = encoded(noise, file_format, **({"progressive": True} if " p" in name else {}))

        assert _refusal(whole[: int(len(whole) * share)]) is ExitStatus.UNREADABLE

    def test_refusal_of_too_many_scans_before_decoding(self) -> None:
        assert opened(samples.progressive_jpeg(64, 64, scans=64)).size == (64, 64)
        assert _refusal(samples.progressive_jpeg(64, 64, scans=65)) is ExitStatus.TOO_MANY_SCANS
        assert _refusal(samples.progressive_jpeg(64, 64, scans=5_000)) is ExitStatus.TOO_MANY_SCANS

    @pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
    def test_refusal_of_text_that_unpacks_to_hundreds_of_megabytes(self, kind: bytes) -> None:
        bomb = b"name\0\0" + zlib.compress(bytes(100_000_000), 1)

        assert (
            _refusal(samples.tiny_png_with(samples.png_chunk(kind, bomb))) is ExitStatus.UNREADABLE
        )


class TestCompletion:
    """A copy that broke off near the end is shown by every viewer."""

    @pytest.mark.parametrize("progressive", [False, True])
    @pytest.mark.parametrize("missing", [1, 2, 3])
    @pytest.mark.parametrize("size", [(64, 48), (1_600, 1_200)])
    def test_completion_of_a_jpeg_that_lacks_its_last_bytes(
        self, progressive: bool, missing: int, size: tuple[int, int]
    ) -> None:
        whole = encoded(quadrants(*size), "JPEG", progressive=progressive)

        assert_upright(opened(whole[:-missing]))

    @pytest.mark.parametrize("progressive", [False, True])
    @pytest.mark.parametrize("missing", [20, 200])
    def test_completion_of_a_photo_that_lacks_its_last_bytes(
        self, progressive: bool, missing: int
    ) -> None:
        photo = Image.blend(
            quadrants(800, 600), Image.effect_noise((800, 600), 80).convert("RGB"), 0.3
        )
        whole = encoded(photo, "JPEG", progressive=progressive)

        found, expected = opened(whole[:-missing]), opened(whole)

        assert_same_top(found, expected)

    @pytest.mark.parametrize("missing", [1, 2, 3, 4])
    @pytest.mark.parametrize("size", [(60, 40), (64, 64), (400, 300)])
    def test_completion_of_a_gif_that_lacks_its_last_bytes(
        self, missing: int, size: tuple[int, int]
    ) -> None:
        noisy = Image.effect_noise(size, 80)
        whole = encoded(noisy, "GIF")

        found, expected = opened(whole[:-missing]), opened(whole)

        assert_same_top(found, expected)

    def test_completion_does_not_make_up_half_a_picture(self) -> None:
        noise = Image.effect_noise((400, 300), 80).convert("RGB")
        for options in ({}, {"progressive": True}):
            whole = encoded(noise, "JPEG", **options)
            assert _refusal(whole[: len(whole) // 2]) is ExitStatus.UNREADABLE

    def test_completion_leaves_other_pictures_as_strict_as_before(self) -> None:
        opened(encoded(quadrants(), "JPEG")[:-1])

        whole = encoded(Image.effect_noise((64, 64), 80), "PNG")
        assert _refusal(whole[: len(whole) // 2]) is ExitStatus.UNREADABLE


class TestMutations:
    def test_mutations_give_a_picture_or_the_refusal(self) -> None:
        # Fixed: a failure comes again.
        chance = random.Random(20_26)
        seeds = [make() for make in [*COLOUR_FILES.values(), *GREY_FILES.values()]]
        seeds += [samples.phone_photo(6, 40, 30), encoded(samples.with_alpha(), "PNG")]
        refused = 0

        for _ in range(15_000):
            data = _mutated(chance.choice(seeds), chance)
            try:
                picture, extension = make_thumbnail(data)
            except ImageRejected:
                refused += 1
            else:
                assert extension in {"jpg", "png"}
                assert max(Image.open(io.BytesIO(picture)).size) <= 200

        # Both ends were reached often.
        assert 3_000 < refused < 12_000


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut out or doubled; more often near the start, where the headers are."""
    mutant = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        where = int(len(mutant) * chance.random() ** chance.choice((1, 3)))
        match chance.randrange(5):
            case 0 | 1:
                mutant[where : where + 1] = bytes([chance.randrange(256)])
            case 2:
                mutant[where : where + 1] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80"))
            case 3:
                del mutant[where : where + chance.randrange(1, 40)]
            case _:
                mutant[where:where] = mutant[where : where + chance.randrange(1, 40)]
    return bytes(mutant)


def assert_same_top(found: Image.Image, expected: Image.Image) -> None:
    top = (0, 0, expected.width, expected.height * 3 // 4)
    difference = ImageChops.difference(
        found.crop(top).convert("L"), expected.crop(top).convert("L")
    )
    assert found.size == expected.size
    assert difference.getextrema() == (0, 0)


def _refusal(data: bytes) -> ExitStatus:
    with pytest.raises(ImageRejected) as caught:
        make_thumbnail(data)
    return caught.value.outcome


def test_white_is_white() -> None:
    """The known pixel of the pitfalls: an inverted CMYK file would turn it black."""
    assert_colour(quadrants_of(opened(COLOUR_FILES["jpeg cmyk"]()))[3], WHITE)
