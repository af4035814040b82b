"""All commands in one group, and how the process ends. Results go to stdout, everything else to stderr.

Exit codes: 0 done · 1 something new is uncertain or quarantined · 2 wrong use, settings or password · 3 the server,
network or disk failed · 130 interrupted. No traceback reaches a person unless `--debug`.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from watcher import __version__
from watcher.cli import (
    demo,
    doctor,
    drafts,
    explain,
    forget,
    init,
    know,
    login,
    once,
    pause,
    report,
    review,
    run,
    settings,
    status,
    templates,
    web,
)
from watcher.cli.ending import DONE, INTERRUPTED, ended_by
from watcher.cli.privacy import keep_private


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="watcher")
@click.option("--debug", is_flag=True, help="Show the whole trace of an error.")
@click.pass_context
def watcher(context: click.Context, *, debug: bool) -> None:
    """Watch a mailbox for LinkedIn invitations and put a polite "tell me why" into Drafts. Never sends.

    New here? `watcher demo` shows the whole job and needs nothing.
    """
    context.obj = debug


watcher.add_command(demo.demo)
watcher.add_command(settings.settings)
watcher.add_command(init.init)
watcher.add_command(login.login)
watcher.add_command(doctor.doctor)
watcher.add_command(once.once)
watcher.add_command(once.rejudge)
watcher.add_command(run.run)
watcher.add_command(pause.pause)
watcher.add_command(pause.resume)
watcher.add_command(status.status_)
watcher.add_command(web.web)
watcher.add_command(web.open_page)
watcher.add_command(explain.explain)
watcher.add_command(review.review)
watcher.add_command(drafts.drafts)
watcher.add_command(drafts.show)
watcher.add_command(drafts.draft)
watcher.add_command(drafts.redraft)
watcher.add_command(drafts.discard)
watcher.add_command(drafts.judge)
watcher.add_command(know.know)
watcher.add_command(forget.forget)
watcher.add_command(templates.templates)
watcher.add_command(report.report)
watcher.add_command(report.drift)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    keep_private()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name that the terminal cannot show is no reason to stop
    try:
        result = watcher.main(words, prog_name="watcher", standalone_mode=False)
    except click.ClickException as wrong_use:
        wrong_use.show()
        sys.exit(wrong_use.exit_code)
    except SystemExit:
        sys.exit(DONE)  # click ends so where nobody reads standard output any longer
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        if "--debug" in words:
            raise
        sys.exit(ended_by(error))
    sys.exit(result if isinstance(result, int) else DONE)
