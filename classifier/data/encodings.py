"""Which encoding bytes of unknown encoding have: the one in which they read most like the words of a language.

Written here, since packages that guess encodings want paragraphs: of three names in code page 437, EUC-JP or GBK charset-normalizer
makes Icelandic, Big5 and Korean.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from classifier.data.names import shown
from classifier.spec.encodings import ENCODINGS

UTF8 = "utf-8"
WIDE = ("gbk", "cp932", "big5", "cp949", "euc_jp")
OTHERS = ("cp850", "cp852", "cp866", *WIDE, "cp1250", "cp1251", "cp1253", "cp1254", "koi8_r")
ARCHIVES = ("cp437", "cp1252", *OTHERS)  # of equally good ones the first: names of archives come from DOS first,
TABLES = ("cp1252", "cp437", *OTHERS)  # and tables from Windows

EXAMPLES = 3  # names that are shown as each encoding reads them
PARTS_TO_JUDGE = 2000  # enough to tell an encoding by
BYTES_TO_JUDGE = 1 << 13
ENOUGH = 0.5  # a score below says that the bytes read like no language
BESIDE_ASCII = 0.3  # what is left of an East Asian character's worth between ASCII letters: "L背e" is Löwe
OTHER_WESTERN, OTHER_CENTRAL = 0.6, 0.4  # of a Latin letter that the language of most others does not have
FOREIGN = 0.5  # between two letters that are no ASCII either: hardly a Latin word is
CLUSTER = 0.85  # of an accented vowel beside another vowel: "koèka" is kočka
HIATUS = "ïë"  # of which one is said apart from the vowel beside it: naïve, Noël
VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœąęůűőěăı"
WESTERN = ("éèêëàâçîïôûùüœæ", "äöüß", "ñáéíóúü", "ãõáàâçéêíóôúü", "àèéìòù", "åäöæøé", "áéíóúýþðæö")
CENTRAL = ("čďěňřšťůžýáéíóúľĺŕôä", "ąćęłńóśźż", "áéíóöőúüű", "ăâîșțşţ", "çğıöşüâî", "čćđšž")
LANGUAGES = (*WESTERN, *CENTRAL)
RUSSIAN = "оеаинтсрвлкмдпуябгзчйхьыжшюцщэфъё"
OTHER_CYRILLIC = "іїєґўђјљњћџ"
GREEK = "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"
SIMPLIFIED = (
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如"
    "事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活"
    "正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却加电主界门利海受听表德少克"
    "代员许先口由死安写性马光白或住难望教命花结乐色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快"
    "原吃妈变通师立象数四失满战远格士音轻目条呢病始达深完今提求清王化空业思切怎非找片罗钱南米类图像照样本狗猫鸟鱼虎狮狼熊兔鼠羊牛猪鸡鸭鹅蛇龙鹿猴"
    "豹鹰蛙蝶虫蜂树草叶果苹梨桃橙蕉葡萄瓜菜红绿蓝黄黑灰紫粉棕左右数据集测试训练验证标签图片缺陷正常异常良品合格划痕裂纹船飞卡汽车自行摩托"
)
TRADITIONAL = (
    "的一是了我不人在他有這個上們來到時大地為子中你說生國年著就那和要她出也得裡後自以會家可下而過天去能對小多然於心學麼之都好看起發當沒成只如"
    "事把還用第樣道想作種開美總從無情己面最女但現前些所同日手又行意動方期它頭經長兒回位分愛老因很給名法間斯知世什兩次使身者被高已親其進此話常與活"
    "正感見明問力理爾點文幾定本公特做外孩相西果走將月十實向聲車全信重三機工物氣每並別真打太新比才便夫再書部水像眼等體卻加電主界門利海受聽表德少克"
    "代員許先口由死安寫性馬光白或住難望教命花結樂色更拉東神記處讓母父應直字場平報友關放至張認接告入笑內英軍候民歲往何度山覺路帶萬男邊風解叫任金快"
    "原吃媽變通師立象數四失滿戰遠格士音輕目條呢病始達深完今提求清王化空業思切怎非找片羅錢南米類圖像照樣本狗貓鳥魚虎獅狼熊兔鼠羊牛豬雞鴨鵝蛇龍鹿猴"
    "豹鷹蛙蝶蟲蜂樹草葉果蘋梨桃橙蕉葡萄瓜菜紅綠藍黃黑灰紫粉棕左右資料集測試訓練驗證標籤圖片缺陷正常異常良品合格劃痕裂紋船飛卡汽車自行摩托"
)
JAPANESE = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円"
    "関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県"
    "続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集"
    "在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流"
    "格有疑口過局少放税検藤町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規術"
    "猫犬鳥魚虎獅狼熊兎鼠羊牛豚鶏鴨蛇竜鹿猿豹鷹蛙蝶虫蜂馬象花樹草葉桃梨柿栗林写真像図赤青緑黄黒白灰紫茶色左右良不異傷船飛機自転"
)
KOREAN = (
    "이다의에는을가고를한하은지사기로도자서리인어아대해나시수정일라그과보부전제있장원스구들상주여만면조성연소관동생유우용게으공신비마경무니세위안"
    "방내모적국화학중와요오발까개심거되분건진선영단두물문호미회차반결실람명간신절통행산업당교목식재표체력험역직양강말망바노하히트드크르러레렇프터"
    "타카파피치처초추코포토투티버베브블빨간노란파란초록검은흰색고양이강아지개사자호랑토끼곰새닭돼지소말코끼리원숭다람쥐여우늑뱀물고기꽃나무풀잎과일"
    "사과배포도딸기수박참외귤복숭바나나자동차트럭버스비행기배사람얼굴손발눈왼오른쪽정상불량결함훈련검증시험이미지사진분류데이터라벨없음긁힘균열"
)
FREQUENT = {
    "gbk": frozenset(SIMPLIFIED),
    "big5": frozenset(TRADITIONAL),
    "cp932": frozenset(JAPANESE),
    "euc_jp": frozenset(JAPANESE),
    "cp949": frozenset(KOREAN),
}


@dataclass
class Unsaid:
    """A source's names that say no encoding, and the one that they are read in: as chosen, or as they read best."""

    encoding: str = ""  # "" until it is known
    parts: dict[bytes, None] = field(default_factory=dict)  # folders and files between two slashes that are not ASCII

    def note(self, name: bytes) -> None:
        if len(self.parts) < PARTS_TO_JUDGE:
            self.parts.update((part, None) for part in name.split(b"/") if not part.isascii())

    def text(self, name: bytes) -> str:
        self.encoding = self.encoding or detect_encoding(list(self.parts) or [name])
        return text_of(name, self.encoding)


def detect_encoding(names: Sequence[bytes], candidates: Sequence[str] = ARCHIVES) -> str:
    """The encoding of names that say none: UTF-8 where all are valid, else the candidate in which they read best, the first one
    where they read like nothing."""
    if all(decodes(name, UTF8) for name in names):
        return UTF8
    best = readings(names, candidates)[0]
    return best if likeness(judged(names), best) >= ENOUGH else candidates[0]


def readings(names: Sequence[bytes], candidates: Sequence[str] = ARCHIVES) -> list[str]:
    """The candidates, the one in which names read best first; of equals as they came."""
    joined = judged(names)
    return sorted(candidates, key=lambda encoding: -likeness(joined, encoding))


def judged(names: Sequence[bytes]) -> bytes:
    """What is looked at: each name that is not ASCII once, up to a length that takes no second."""
    return b"\n".join(dict.fromkeys(name for name in names if not name.isascii()))[:BYTES_TO_JUDGE]


def decodes(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def text_of(name: bytes, encoding: str) -> str:
    """A name as text. One that is not of the encoding is read as code page 437, in which no two names are the same."""
    if decodes(name, encoding):
        return name.decode(encoding)
    return name.decode("cp437")


@functools.lru_cache(64)
def likeness(joined: bytes, encoding: str) -> float:
    """How much a text's letters beyond ASCII look like a language's in this encoding: 1 for words, 0 or less for none."""
    text = joined.decode(encoding, "replace")
    places = [place for place, letter in enumerate(text) if ord(letter) > 127]
    if encoding in WIDE:
        worth = [worth_wide(text, place, encoding) for place in places]
    else:
        language = best_language(text)
        worth = [worth_narrow(text, place, language) for place in places]
    return sum(worth) / max(1, len(worth))


def worth_wide(text: str, place: int, encoding: str) -> float:
    """Of a Chinese, Japanese or Korean character."""
    letter = text[place]
    worth = 1.0 if letter in FREQUENT[encoding] else commonness(letter, encoding)
    beside = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    return worth * (BESIDE_ASCII if worth > 0 and any(is_ascii_letter(letter) for letter in beside) else 1.0)


@functools.lru_cache(1 << 14)
def commonness(letter: str, encoding: str) -> float:
    """1 for kana of a Japanese text, more than half where the national standard keeps frequent characters, nearly 0 elsewhere."""
    if letter == "�":
        return -1.0
    if "ぁ" <= letter <= "ヿ":
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.3
    code = letter.encode(encoding)
    lead, trail = code[0], code[-1]
    if len(code) < 2:
        return 0.0  # half-width kana
    common = {
        "gbk": 0xB0 <= lead <= 0xD7 and trail >= 0xA1,  # GB 2312, level 1
        "cp932": 0x88 <= lead <= 0x97,  # JIS, level 1
        "big5": 0xA4 <= lead <= 0xC6,  # level 1
        "cp949": 0xB0 <= lead <= 0xC8 and trail >= 0xA1,  # the syllables of KS X 1001
        "euc_jp": 0xB0 <= lead <= 0xCF,  # JIS, level 1
    }
    return 0.6 if common[encoding] else 0.1


def worth_narrow(text: str, place: int, language: str) -> float:
    """Of a Latin, Cyrillic or Greek letter, between those beside it."""
    letter, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if not letter.isalpha():
        return -1.0 if letter == "�" or unicodedata.category(letter) == "Cc" else 0.0
    if (letter.isupper() and before.islower()) or (letter.islower() and after.isupper()):
        return 0.0
    small = letter.lower()
    worth = (
        worth_foreign(small)
        if small in RUSSIAN or small in OTHER_CYRILLIC or small in GREEK
        else worth_latin(small, before, after, language)
    )
    if small in RUSSIAN + OTHER_CYRILLIC + GREEK and (is_ascii_letter(before) or is_ascii_letter(after)):
        worth *= 0.1
    capitals = letter.isupper() and (after.isupper() or before.isupper())
    return worth * (0.8 if capitals else 1.0)


def worth_foreign(small: str) -> float:
    """Of a letter of Russian by how frequent it is; of one of its neighbours, or of Greek."""
    if small in RUSSIAN:
        return 1.0 - 0.005 * RUSSIAN.index(small)
    return 0.5 if small in OTHER_CYRILLIC else 0.9


def worth_latin(small: str, before: str, after: str, language: str) -> float:
    if not any(small in letters for letters in LANGUAGES):
        return 0.1
    other = OTHER_WESTERN if any(small in letters for letters in WESTERN) else OTHER_CENTRAL
    worth = 1.0 if small in language else other
    beside = (before + after).lower()
    if len(beside) == 2 and not any(is_ascii_letter(letter) for letter in beside) and beside.isalpha():
        worth *= FOREIGN
    if small == "ß":
        return worth if before.lower() in VOWELS and before else 0.1
    apart = small in VOWELS and small not in HIATUS
    return worth * (CLUSTER if apart and any(letter in VOWELS for letter in beside) else 1.0)


def best_language(text: str) -> str:
    """The letters of the Latin language that has most of a text's."""
    letters = [letter for letter in text.lower() if ord(letter) > 127]
    return max(LANGUAGES, key=lambda known: sum(letter in known for letter in letters))


def is_ascii_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def names_in(unsaid: Unsaid) -> dict[str, Any] | None:
    """How names are read that do not say their encoding, and how others would read some of them, the likeliest first; None where
    all say it."""
    if not unsaid.parts:
        return None
    names = list(unsaid.parts)
    now = unsaid.encoding or detect_encoding(names)
    read = {now: [shown(text_of(name, now)) for name in names[:EXAMPLES]]}
    for encoding in readings(names, list(ENCODINGS)):
        examples = [shown(text_of(name, encoding)) for name in names[:EXAMPLES]]
        if examples not in read.values() and "�" not in "".join(examples) and all(decodes(name, encoding) for name in names):
            read[encoding] = examples
    return {"encoding": now, "readings": [{"encoding": encoding, "examples": examples} for encoding, examples in read.items()]}
