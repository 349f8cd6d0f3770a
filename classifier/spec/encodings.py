"""Encodings that names of an archive may be said to have, where they do not say it themselves."""

from __future__ import annotations

from typing import Final

ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "cp437": "Western, DOS",
    "cp850": "Western, DOS 850",
    "cp1252": "Western, Windows",
    "mac_roman": "Western, Macintosh",
    "cp852": "Central European, DOS",
    "cp1250": "Central European, Windows",
    "iso8859_2": "Central European, ISO",
    "cp866": "Cyrillic, DOS",
    "cp1251": "Cyrillic, Windows",
    "koi8_r": "Cyrillic, KOI8-R",
    "cp1253": "Greek, Windows",
    "cp857": "Turkish, DOS",
    "cp1254": "Turkish, Windows",
    "cp1257": "Baltic, Windows",
    "cp862": "Hebrew, DOS",
    "cp1255": "Hebrew, Windows",
    "cp1256": "Arabic, Windows",
    "cp874": "Thai, Windows",
    "cp1258": "Vietnamese, Windows",
    "gbk": "Chinese, simplified, GBK",
    "gb18030": "Chinese, GB 18030",
    "big5": "Chinese, traditional, Big5",
    "cp932": "Japanese, Shift-JIS",
    "euc_jp": "Japanese, EUC-JP",
    "cp949": "Korean, EUC-KR",
}
