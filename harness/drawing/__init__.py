"""Parts of pages for browsers: the graph of a state machine, its time line, its states, as safe HTML and SVG.

All that comes from outside is text, whatever is in it; nothing needs JavaScript, another file or a network.
The parts take values as the engine and reports have them, and each gives a `markupsafe.Markup`:

    element(name, *children, **attributes)  one element; children are texts, Markup or None   (`elements`)
    document(title, *body)                  a whole page: head, policy, stylesheet, body       (`page`)
    STYLE, POLICY                           the stylesheet, and a policy of nothing else     (`style`, `page`)
    machine_graph(definition, execution)    SVG of a machine's states, coloured by their ends  (`graph`)
    Graphs                                  the graphs of one page, what they share drawn once (`graph`)
    shape_for(definition)                   the shape that `time_line` takes                   (`graph`)
    time_line(execution, shape)             SVG of its states in virtual time                  (`time_line`)
    visited(execution, ...)                 its states with input, output, tasks and events    (`visited`)
    legend()                                the marks of the ends in words                     (`graph`)
    shown_json(text), shown_text(text)      a value or a text, cut at 4 KB, its length said    (`values`)

`definition` is JSON text or the dict that it means, `execution` a `harness.observe.model.Execution` (whose
`events` are those of its history so far; `status` is RUNNING while it runs). `execution` may be None in a
graph: then no state was entered. An `anchor` is a text that tells the executions of one page apart: the graph
and the time line lead to `#<anchor>-<number>`, the ids that `visited` gives with the same anchor.

`ends` finds how states ended, `layered` places boxes and lines in layers and knows nothing of state machines,
`boxes` lays the states of a definition out, and `folding` finds what is alike.
"""
