"""Fixtures for dev.slipway.data.sound, from libsndfile and torchaudio. Needs sound-requirements.txt (torchaudio==2.11.0,
soundfile==0.14.0):

    python reference/sound.py core/src/test/resources/dev/slipway/data/sound/sounds.zip

A zip of files in their formats, each with the mean of its channels beside it (NAME.RATE, raw float32), and of raw float32
results of torchaudio.
"""

import io
import sys
import zipfile

import numpy as np
import soundfile
import torch

# torchaudio 2.11 is the last one; its functions used here are plain Python on tensors of any torch.
torch.version.cuda = "13.0"
import torchaudio  # noqa: E402

FILES: dict[str, bytes] = {}
RATE = 8000


def tones(samples: int, channels: int = 1) -> np.ndarray:
    t = np.arange(samples) / RATE
    noise = np.random.default_rng(5).normal(0, 0.02, (samples, channels))
    base = 0.4 * np.sin(2 * np.pi * 440 * t) + 0.3 * np.sin(2 * np.pi * (200 + 900 * t) * t)
    return np.clip(base[:, None] * np.linspace(1, 0.5, channels) + noise, -1, 1)


def saved(name: str, samples: np.ndarray, form: str, subtype: str, **options):
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, subtype=subtype, format=form, **options)
    FILES[name] = out.getvalue()
    read, rate = soundfile.read(io.BytesIO(out.getvalue()), always_2d=True)
    FILES[f"{name}.{rate}"] = read.mean(1).astype("<f4").tobytes()


def files():
    for subtype in ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]:
        saved(f"wav/{subtype.lower()}.wav", tones(700), "WAV", subtype)
    saved("wav/stereo.wav", tones(700, 2), "WAV", "PCM_16")
    saved("wav/extensible.wav", tones(700, 3), "WAVEX", "PCM_24")
    for level in (0.0, 0.5, 1.0):
        saved(f"flac/mono-{level}.flac", tones(5000), "FLAC", "PCM_16", compression_level=level)
        saved(f"flac/stereo-{level}.flac", tones(5000, 2), "FLAC", "PCM_24", compression_level=level)
    saved("flac/eight.flac", tones(900), "FLAC", "PCM_S8")
    saved("flac/five.flac", tones(500, 5), "FLAC", "PCM_16")
    saved("flac/silence.flac", np.zeros((5000, 1)), "FLAC", "PCM_16")
    saved("flac/noise.flac", np.random.default_rng(2).uniform(-1, 1, (4500, 2)), "FLAC", "PCM_16")
    # Every sample a multiple of 16: FLAC stores such low bits once.
    saved("flac/wasted.flac", np.round(tones(4200) * 2000) * 16 / 32768, "FLAC", "PCM_16")


def floats(name: str, values: torch.Tensor):
    FILES[name] = values.numpy().astype("<f4").tobytes()


def spectra():
    wave = torch.from_numpy(tones(4000)[:, 0].copy()).double()
    floats("wave", wave)
    for source, target in [(8000, 16000), (44100, 16000), (16000, 8000), (22050, 8000), (3, 2)]:
        floats(f"resampled/{source}-{target}", torchaudio.functional.resample(wave, source, target))
    settings = {
        "htk": dict(n_fft=200, hop_length=80, n_mels=40),
        "slaney": dict(n_fft=400, hop_length=160, n_mels=64, mel_scale="slaney", norm="slaney", f_min=20.0, f_max=3800.0),
        "odd": dict(n_fft=331, hop_length=101, n_mels=20),
        "power-of-two": dict(n_fft=512, hop_length=128, n_mels=32),
    }
    for name, options in settings.items():
        mel = torchaudio.transforms.MelSpectrogram(sample_rate=RATE, power=2, **options).double()
        floats(f"mel/{name}", torch.log(mel(wave) + 1e-6))


files()
spectra()
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as out:
    for name in sorted(FILES):
        out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), FILES[name], zipfile.ZIP_DEFLATED)
