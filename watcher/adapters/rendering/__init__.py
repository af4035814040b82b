"""How a template becomes text: in Jinja's sandbox, and a person's own besides in a process that can be ended.

    sandbox    compile and render; a text, or the fault that stopped it     limits   what a render may use
    child      what the process does                                        frames   how the two talk
    process    the program's side of it: start, ask, end                    words    a fault in words for the person
    reading    what can be told of a template without rendering it

`sandbox`, `limits`, `frames` and `child` need the standard library and Jinja alone, so that the process starts quickly
and holds nothing of the program.
"""
