"""The headless half of quorate: everything it knows and does, without a screen. Imports no Textual, ever.

In reading order; what stands lower imports what stands higher, and every feature folder holds the same three files,
``model`` (parse, render, values), ``checks`` (functions that yield findings) and ``step`` (inspect, plan, verify):

    version     the version, in a file that imports nothing
    safe        the one function that makes foreign text safe to show
    counted     a number with its noun
    network_name  what a network can be called
    member_name   which member a person means
    way         what is done next, as data: who acts, by which command
    finding     what a check has to say; Refusal
    place       a path as a person types it, and as it is shown
    world       the ports of one run: files, processes, clock, environment, state
    disk/       safe work on files: folders held open, locks, what the system refused
    documents/  signed documents: canonical JSON, signatures, armour, the words that people compare
    profiles/   the generations of node software, one file each
    local       what this operator said and decided, as it is kept
    binder      one file of signed documents, as the state keeps them
    state       quorate's own folder for one network
    standing    where this operator stands, as it was seen last
    changes/    the kinds of changes that a plan is made of, one file each
    plan        what would be changed, before anything is
    real_place  where the paths of a plan lead, through every link
    step        the shape of a station of the wizard
    http        one HTTP GET over a stream
    rpc         what a running node answers over its RPC port
    home/       the node's folder: where it is, what made it, whether it has run
    keys/       the node's keys; only keys/process.py touches a private one
    card/       what a member shares, and the entry for a member without quorate
    agreement/  what the signed documents say, all together: records, acceptances, tally, who may change what; pure
    seen        how this operator sees the agreement: whose node this is, and what the documents say to it
    peers/      exchange: what came in, from whom, and what is to be thought of it
    network/    the record: who belongs, what was agreed, who has accepted it
    genesis/    genesis.json: made from the record, reviewed, compared, hashed, installed
    config/     config.toml, edited in place
    steps       the ordered list of steps: the whole wizard on one page
    apply/      the only writer: journal, backup, atomic replace, undo
    run         how a step is run: look, plan, apply, look again
    running     what the node of this home does now: down, waiting for the genesis time, at which block
    around      a look at every step: each one's state, k of N, the one next action
    explain/    what a finding, a field or a word means: what is so, why it matters, how to fix it, where it is from
    adapters/   the only talkers to the world: the ports of ``world``, made real
    demo        a practice network in a folder, formed by the same code as real ones
    cli/        the commands: everything that the wizard does, printed
"""
