"""An answer is a reason, a polite nothing or pushing, in many languages; what is doubtful is unclear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.answers_given import AnswerGiven, AnswerKind, read
from watcher.domain.tables import answers, sent_from
from watcher.domain.values import Inviter

TILDA = Inviter("Tilda Moreau", "Tilda")

NOTHING = {
    "en": "Hi Robin, thanks for your reply. No particular reason, I just want to expand my network. Regards, Tilda",
    "de": "Hallo Robin, danke für die Nachricht. Ich wollte einfach mein Netzwerk erweitern. Viele Grüße, Tilda",
    "fr": "Bonjour, merci pour votre message. Je souhaite élargir mon réseau professionnel. Cordialement",
    "es": "Hola, gracias por su respuesta. Solo quería ampliar mi red de contactos. Un saludo",
    "pt": "Olá, obrigado pela sua resposta. Só queria ampliar minha rede de contatos. Abraços",
    "it": "Buongiorno, grazie per la sua risposta. Volevo solo ampliare la mia rete di contatti. Cordiali saluti",
    "nl": "Hallo, bedankt voor je reactie. Ik wil gewoon mijn netwerk uitbreiden. Met vriendelijke groet",
    "sv": "Hej, tack för ditt svar. Jag vill bara utöka mitt nätverk. Vänliga hälsningar",
    "da": "Hej, tak for dit svar. Jeg vil bare gerne udvide mit netværk. Venlig hilsen",
    "fi": "Hei, kiitos vastauksesta. Haluan vain laajentaa verkostoani. Terveisin",
    "pl": "Dzień dobry, dziękuję za odpowiedź. Po prostu chcę poszerzyć swoją sieć kontaktów. Pozdrawiam",
    "cs": "Dobrý den, děkuji za odpověď. Jen chci rozšířit svou síť kontaktů. S pozdravem",
    "tr": "Merhaba, cevabınız için teşekkürler. Sadece ağımı genişletmek istedim. Saygılarımla",
    "ru": "Здравствуйте, спасибо за ответ. Просто хотел расширить свою сеть контактов. С уважением",
    "uk": "Вітаю, дякую за відповідь. Просто хотів розширити свою мережу контактів. З повагою",
    "ar": "مرحبا، شكرا على الرد. أردت فقط توسيع شبكتي المهنية. مع التحية",
    "ja": "ご返信ありがとうございます。人脈を広げたいと思いました。よろしくお願いいたします。",
    "ko": "답장 감사합니다. 그냥 인맥을 넓히고 싶었습니다. 감사합니다.",
    "zh": "您好，谢谢您的回复。只是想拓展一下我的人脉。祝好",
    "id": "Halo, terima kasih atas balasannya. Saya hanya ingin memperluas jaringan saya. Salam",
}
PUSHY = {
    "en": "Just accept the invitation, that's what LinkedIn is for!",
    "de": "Nehmen Sie doch einfach an, dafür ist LinkedIn doch da!",
    "fr": "Acceptez simplement, à quoi sert LinkedIn sinon ?",
    "es": "Solo acepte, ¡para eso está LinkedIn!",
    "pt": "Basta aceitar, é para isso que serve o LinkedIn!",
    "it": "Basta accettare, a cosa serve LinkedIn?",
    "nl": "Gewoon even accepteren, daar is LinkedIn toch voor!",
    "sv": "Bara acceptera, det är ju det LinkedIn är till för!",
    "da": "Bare accepter, det er jo det LinkedIn er til for!",
    "fi": "Hyväksy vain, sitä varten LinkedIn on!",
    "pl": "Proszę zaakceptować, od tego jest LinkedIn!",
    "cs": "Stačí přijmout, k tomu je LinkedIn!",
    "tr": "Lütfen kabul edin, LinkedIn bunun için var!",
    "ru": "Просто примите, для этого и нужен LinkedIn!",
    "uk": "Просто прийміть, для цього і потрібен LinkedIn!",
    "ar": "فقط اقبل الدعوة، لماذا لا؟",
    "ja": "とりあえず承認してください。",
    "ko": "그냥 수락해 주세요. 링크드인은 그러라고 있는 겁니다.",
    "zh": "直接通过就行，不然怎么认识人？",
    "id": "Tinggal terima saja, LinkedIn memang untuk itu!",
}
REASON = {
    "en": "We met at the Aarhus meetup in May, you fixed my Maildir bug.",
    "de": "Wir haben uns im Mai auf dem Treffen in Fulda kennengelernt, Sie haben meinen Fehler in Dovecot gefunden.",
    "fr": "Nous nous sommes rencontrés en mai à Lyon, lors de votre exposé sur Maildir.",
    "es": "Nos conocimos en mayo en Sevilla, en su charla sobre Maildir.",
    "pt": "Conhecemo-nos em maio no Porto, na sua palestra sobre Maildir.",
    "it": "Ci siamo conosciuti a maggio a Torino, alla sua conferenza su Maildir.",
    "nl": "We hebben elkaar in mei in Utrecht ontmoet, bij je praatje over Maildir.",
    "sv": "Vi träffades i maj i Lund, på ditt föredrag om Maildir.",
    "da": "Vi mødtes i maj i Aarhus, til dit foredrag om Maildir.",
    "fi": "Tapasimme toukokuussa Turussa luennollasi Maildirista.",
    "pl": "Poznaliśmy się w maju w Gdańsku na pana wykładzie o Maildir.",
    "cs": "Potkali jsme se v květnu v Brně na vaší přednášce o Maildiru.",
    "tr": "Mayısta İzmir'de Maildir konuşmanızda tanıştık.",
    "ru": "Мы познакомились в мае в Казани на вашем докладе о Maildir.",
    "uk": "Ми познайомилися в травні у Львові на вашій доповіді про Maildir.",
    "ar": "التقينا في مايو في عمان في محاضرتك عن Maildir.",
    "ja": "5月の大阪の勉強会でMaildirの不具合を直していただいた田中です。",
    "ko": "5월 부산 모임에서 Maildir 오류를 고쳐 주셨던 사람입니다.",
    "zh": "五月在杭州的聚会上您帮我修好了 Maildir 的问题。",
    "id": "Kita bertemu bulan Mei di Bandung saat ceramah Anda tentang Maildir.",
}

MORE_NOTHING = [
    "Thanks!",
    "Hi Robin,\n\nthank you for asking.\nNo reason really, just networking.\n\nBest regards,\nTilda",
    "LinkedIn suggested you.",
    "I came across your profile and\nthought it looked interesting.",
    "We have many mutual connections.",
]
MORE_PUSHY = [
    "How else would you meet new people?",
    "Why so suspicious? It's just networking.",
    "When can we jump on a quick call?",
    "I just want to connect. Why are you even on LinkedIn?",
    "Did you even read my last message? I'm still waiting for your answer.",
]
QUOTED = "\n\nOn Tue, 24 Nov 2026 at 09:30, Robin Ashdown <me@example.test> wrote:\n> We met in Aarhus on Tuesday.\n"


def kind(text: str, language: str | None = None) -> AnswerKind:
    return read(text, TILDA, language).kind


@pytest.mark.parametrize(("language", "text"), NOTHING.items())
def test_a_polite_nothing(language: str, text: str) -> None:
    assert kind(text, language) is AnswerKind.POLITE_NOTHING


@pytest.mark.parametrize(("language", "text"), PUSHY.items())
def test_pushing(language: str, text: str) -> None:
    assert kind(text, language) is AnswerKind.PUSHY


@pytest.mark.parametrize(("language", "text"), REASON.items())
def test_a_reason_is_never_taken_for_nothing(language: str, text: str) -> None:
    for answer in (text, f"{NOTHING[language]}\n{text}"):
        assert kind(answer, language) in {AnswerKind.REASON_GIVEN, AnswerKind.UNCLEAR}


def test_most_reasons_are_known_for_what_they_are() -> None:
    found = [kind(text, language) for language, text in REASON.items()]
    assert found.count(AnswerKind.REASON_GIVEN) >= len(REASON) * 3 // 4


def test_a_reason_counts_though_they_push_as_well() -> None:
    text = f"Why so suspicious? {REASON['en']}"
    assert kind(text) is AnswerKind.REASON_GIVEN


@pytest.mark.parametrize("text", MORE_NOTHING)
def test_more_that_says_nothing(text: str) -> None:
    assert kind(text) is AnswerKind.POLITE_NOTHING


@pytest.mark.parametrize("text", MORE_PUSHY)
def test_more_that_pushes(text: str) -> None:
    found = read(text, TILDA)
    assert found.kind is AnswerKind.PUSHY
    assert found.evidence[0].text in text


@pytest.mark.parametrize("text", ["", "\n \n", "?!", QUOTED, "> We met in Aarhus on Tuesday.", "-- \nTilda"])
def test_no_words_of_their_own_are_unclear(text: str) -> None:
    assert read(text, TILDA) == AnswerGiven(AnswerKind.UNCLEAR, ())


def test_a_reason_in_what_is_quoted_is_not_theirs() -> None:
    assert kind(f"No particular reason, I just want to connect.{QUOTED}") is AnswerKind.POLITE_NOTHING


def test_half_a_nothing_is_no_nothing() -> None:
    found = kind("No particular reason, but I was in the second row of your talk on bounces in Ghent last May.")
    assert found in {AnswerKind.REASON_GIVEN, AnswerKind.UNCLEAR}


def test_the_tables_know_many_languages_and_no_pattern_matches_nothing() -> None:
    assert {one.language for one in answers()} == set(NOTHING)
    assert len(NOTHING) >= 12
    patterns = [pattern for one in answers() for pattern in (*one.nothing, *one.pushy)]
    assert not [pattern.pattern for pattern in (*patterns, *sent_from()) if pattern.search("")]


@given(st.text(max_size=200), st.text(max_size=20), st.sampled_from([*NOTHING, None]))
def test_no_answer_breaks_it(text: str, name: str, language: str | None) -> None:
    found = read(text, Inviter(name, name), language)
    assert found.evidence or found.kind is AnswerKind.UNCLEAR


@given(st.sampled_from([*NOTHING.items(), *PUSHY.items()]), st.sampled_from(["", QUOTED, "\n-- \nTilda Moreau\nCEO"]))
def test_what_stands_below_changes_nothing(answer: tuple[str, str], below: str) -> None:
    language, text = answer
    assert kind(text + below, language) is kind(text, language)
