r"""Which folder holds the drafts, what was sent, and what was taken for junk: the setting, else SPECIAL-USE (RFC 6154),
else a name that mail programs give it.

Flags are compared without regard to case: Cyrus writes `\\drafts`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.errors import Problem, Show


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder, as LIST or the disk shows it: flags in lower case, the separator ("" for none), the decoded name."""

    flags: frozenset[str]
    separator: str
    name: str

    @property
    def leaf(self) -> str:
        """The last piece of the name, as it is compared."""
        piece = self.name.rsplit(self.separator, 1)[-1] if self.separator else self.name
        return _plain(piece)

    @property
    def can_hold_mail(self) -> bool:
        """Whether it can be opened at all."""
        return not self.flags & {"\\noselect", "\\nonexistent"}


@dataclass(frozen=True, slots=True)
class SpecialUse:
    """What a folder is for: its flag in lower case, the setting that names it, and its known names.

    The names are those that Gmail, Outlook, Apple Mail, Thunderbird and webmails give it, most telling first.
    """

    flag: str
    setting: str
    names: tuple[str, ...]


DRAFTS = SpecialUse("\\drafts", "WATCHER_DRAFTS_FOLDER", (
    "Drafts", "Draft", "Entwürfe", "Entwurf", "Brouillons", "Borradores", "Bozze", "Rascunhos", "Concepten", "Kladder",
    "Utkast", "Luonnokset", "Kopie robocze", "Szkice", "Koncepty", "Piszkozatok", "Ciorne", "Mustandid", "Melnraksti",
    "Juodraščiai", "Osnutki", "Nacrti", "Skice", "Esborranys", "Zirriborroak", "Drög", "Taslaklar", "Πρόχειρα",
    "Черновики", "Чернетки", "Чернови", "Нацрти", "下書き", "草稿", "草稿箱", "草稿匣", "임시 보관함", "임시보관함",
    "טיוטות", "مسودات", "پیش‌نویس‌ها", "ड्राफ़्ट", "ฉบับร่าง", "Thư nháp", "Bản nháp", "Draf", "Konsep",
))  # fmt: skip

SENT = SpecialUse("\\sent", "WATCHER_SENT_FOLDER", (
    "Sent", "Sent Mail", "Sent Items", "Sent Messages", "Gesendet", "Gesendete Elemente", "Gesendete Objekte",
    "Gesendete Nachrichten", "Messages envoyés", "Éléments envoyés", "Envoyés", "Enviados", "Elementos enviados",
    "Mensajes enviados", "Posta inviata", "Inviati", "Inviata", "E-mails enviados", "Itens enviados",
    "Mensagens enviadas", "Verzonden", "Verzonden items", "Verzonden berichten", "Sendt", "Sendt post",
    "Sendte elementer", "Sendte e-mails", "Skickat", "Skickade objekt", "Lähetetyt", "Lähetetyt viestit",
    "Wysłane", "Elementy wysłane", "Odeslaná pošta", "Odeslané", "Odoslaná pošta", "Odoslané", "Elküldött elemek",
    "Elküldött levelek", "Elküldött", "Trimise", "Mesaje trimise", "Elemente trimise", "Saadetud", "Saadetud kirjad",
    "Nosūtītie", "Nosūtītās", "Išsiųsta", "Išsiųsti laiškai", "Poslano", "Poslana pošta", "Poslato", "Enviats",
    "Bidalitakoak", "Send", "Gönderilmiş Öğeler", "Gönderilmiş Postalar", "Gönderilenler", "Απεσταλμένα",
    "Σταλμένα", "Отправленные", "Отправлено", "Надіслані", "Відправлені", "Изпратени", "Послато", "送信済み",
    "送信済みメール", "送信済みアイテム", "已发送", "已发送邮件", "已发邮件", "寄件備份", "已傳送的郵件", "보낸편지함",
    "보낸 편지함", "דואר שנשלח", "פריטים שנשלחו", "البريد المرسل", "العناصر المرسلة", "المرسلة", "ارسال‌شده",
    "भेजा गया", "भेजे गए आइटम", "ส่งแล้ว", "จดหมายที่ส่งแล้ว", "รายการที่ถูกส่ง", "Thư đã gửi", "Mục đã Gửi", "Terkirim",
    "Item Terkirim", "Dihantar",
))  # fmt: skip


JUNK = SpecialUse("\\junk", "WATCHER_JUNK", (
    "Junk", "Spam", "Junk E-mail", "Junk Email", "Junk Mail", "Bulk Mail", "Bulk", "Spamverdacht", "Junk-E-Mail",
    "Spam-Verdacht", "Unerwünscht", "Courrier indésirable", "Indésirables", "Pourriels", "Pourriel",
    "Correo no deseado", "No deseado", "Correo basura", "Posta indesiderata", "Indesiderata", "Lixo eletrônico",
    "Lixo eletrónico", "Correio não solicitado", "Lixo Electrónico", "Ongewenste e-mail", "Ongewenst", "Uønsket e-mail",
    "Uønsket mail", "Søppelpost", "Søppel-e-post", "Uønsket e-post", "Skräppost", "Roskaposti", "Wiadomości-śmieci",
    "Wiadomości śmieci", "Niechciane", "Nevyžádaná pošta", "Nevyžiadaná pošta", "Levélszemét", "Mesaje nedorite",
    "Rämpspost", "Mēstules", "Surogātpasts", "Brukalas", "Šlamštas", "Neželena pošta", "Vsiljena pošta",
    "Neželjena pošta", "Correu brossa", "Zabor-posta", "Ruslpóstur", "Önemsiz", "Önemsiz E-posta", "Gereksiz",
    "Ανεπιθύμητα", "Ανεπιθύμητη αλληλογραφία", "Спам", "Нежелательная почта", "Небажана пошта", "Нежелана поща",
    "Нежељена пошта", "迷惑メール", "垃圾邮件", "垃圾郵件", "垃圾信件", "스팸", "스팸함", "스팸편지함", "정크 메일",
    "דואר זבל", "ספאם", "البريد العشوائي", "البريد غير الهام", "بريد مزعج", "هرزنامه", "स्पैम", "जंक", "อีเมลขยะ",
    "จดหมายขยะ", "Thư rác", "Email Sampah",
))  # fmt: skip


def find_junk(folders: Sequence[Folder]) -> str | None:
    """The folder of what was taken for junk; None where there is none."""
    return _find(folders, JUNK, None)


def find_drafts(folders: Sequence[Folder], setting: str | None) -> str:
    """The Drafts folder's name. Raises Show where there is none."""
    found = _find(folders, DRAFTS, setting)
    if found is None:
        what = f"there is no Drafts folder among {_listed(folders)}"
        raise Show(Problem(DRAFTS.setting, what, "make one in your mail program, or name the folder to use"))
    return found


def find_sent(folders: Sequence[Folder], setting: str | None) -> str | None:
    """The Sent folder's name; None where there is none. Raises Show where the setting names no folder."""
    return _find(folders, SENT, setting)


def _find(folders: Sequence[Folder], use: SpecialUse, setting: str | None) -> str | None:
    usable = [folder for folder in folders if folder.can_hold_mail]
    if setting is not None:
        return _by_setting(usable, use, setting)
    special = [folder.name for folder in usable if use.flag in folder.flags]
    return next(iter(special or _by_name(usable, use)), None)


def _by_setting(folders: Sequence[Folder], use: SpecialUse, setting: str) -> str:
    if any(folder.name == setting for folder in folders):
        return setting
    what = f"there is no folder {setting!r} among {_listed(folders)}"
    raise Show(Problem(use.setting, what, "name one of these, or leave the setting out"))


def _by_name(folders: Sequence[Folder], use: SpecialUse) -> list[str]:
    """By known name, the folders nearest to the top first."""
    order = {_plain(name): index for index, name in reversed(list(enumerate(use.names)))}
    known = [folder for folder in folders if folder.leaf in order]
    known.sort(key=lambda folder: (folder.name.count(folder.separator) if folder.separator else 0, order[folder.leaf]))
    return [folder.name for folder in known]


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()


def _listed(folders: Sequence[Folder]) -> str:
    usable = [folder.name for folder in folders if folder.can_hold_mail]
    names = ", ".join(usable[:20])
    return f"{names}, …" if len(usable) > 20 else names or "no folders at all"
