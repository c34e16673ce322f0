"""README.txt of an export in the release's layout."""

from collections.abc import Mapping

from adis_bench.datasets.records import Dataset


def readme(dataset: Dataset, labels: Mapping[str, tuple[str, ...]], n_lines: Mapping[str, int]) -> str:
    """What is in the folder, how the original code is called on it, and what that code does that one should know.

    Source: Tinglok/avstyle b09dc1e: README.md, data/unaligned_dataset.py, test.py.
    """
    sides = {side: "all labels" if labels[side] == dataset.labels else ", ".join(labels[side]) for side in ("A", "B")}
    return _TEXT.format(
        name=dataset.name,
        digest=dataset.digest,
        a=sides["A"],
        b=sides["B"],
        counts="\n".join(f"{name:<12} {n} images" for name, n in n_lines.items()),
    )


_TEXT = """\
The dataset "{name}" (digest {digest})
in the layout that the code of "Learning Visual Styles from Audio-Visual Associations" trains on
(https://github.com/Tinglok/avstyle, commit b09dc1e).

A, images that are restyled: {a}
B, images whose sounds say how: {b}

{counts}

images/<stem>_clip<N>-<k>.jpg   the k-th frame of a segment
audio/<stem>_clip<N>.wav        its sound: 3 s, 16 kHz, mono, 16 bits; the code derives this name from B's image
manifest.json                   dataset, options, and the segment behind every <stem>_clip<N>

To train, with AVSTYLE for the folder of the code, in this folder:

    python AVSTYLE/train.py --dataroot . --name mine

Start it here and not in AVSTYLE: whatever --dataroot says, the code reads its lists from
datasets/Into-the-Wild/trainA.txt and trainB.txt of the folder in which it is started, and opens the images
that they name from there too. The same two lists are therefore here twice. Only the sounds are looked for
under --dataroot. (The code's README keeps scripts and lists in dataset/, without s, and the code reads
datasets/, with s: followed to the letter it finds no list.)

To test, copy testA.txt over datasets/Into-the-Wild/trainA.txt and testB.txt over
datasets/Into-the-Wild/trainB.txt (the training lists stay beside this file), and run

    python AVSTYLE/test.py --dataroot . --name mine --eval

No test list was ever released, and the released test.py reads the training lists: testA.txt and testB.txt are
this dataset's own test split. test.py takes line i of A with the sound of line i of B; testB.txt is shuffled, with a
fixed seed, so that no list of frames meets its own sounds in order.

Sounds that are zero throughout are not in B: the code divides by their peak.
"""
