"""Parts for HTML pages: a state machine's graph, time line and states, as safe HTML and SVG.

All external data is escaped as text. Nothing needs JavaScript, another file or a network. The functions
accept values in the format that the engine and the reports use. Each returns a `markupsafe.Markup`:

    element(name, *children, **attributes)  one element; children are strings, Markup or None   (`elements`)
    document(title, *body)                  a whole page: head, policy, stylesheet, body       (`page`)
    STYLE, POLICY                           the stylesheet, and a policy that allows only it (`style`, `page`)
    machine_graph(definition, execution)    SVG of a machine's states, coloured by their ends  (`graph`)
    Graphs                                  the graphs of one page, with shared parts          (`graph`)
    shape_for(definition)                   the shape that `time_line` takes                   (`graph`)
    time_line(execution, shape)             SVG of its states in virtual time                  (`time_line`)
    visited(execution, ...)                 its states with input, output, tasks and events    (`visited`)
    legend()                                the symbols of the ends, with explanations         (`graph`)
    shown_json(text), shown_text(text)      a value or a string, cut at 4 KB, with its length  (`values`)

`definition` is JSON text or the equivalent dict. `execution` is a `harness.observe.model.Execution`, whose
`events` are its history so far; `status` is RUNNING while it runs. In a graph, `execution` may be None, which
means that no state was entered. An `anchor` is a string that identifies an execution on a page. The graph and
the time line link to `#<anchor>-<number>`, the IDs that `visited` creates with the same anchor.

`ends` determines how states ended. `layered` places boxes and lines in layers, and knows nothing about state
machines. `boxes` lays out the states of a definition, and `folding` finds repetitions.
"""
