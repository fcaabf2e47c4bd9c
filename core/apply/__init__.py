"""The only writer: carries out a Plan, all or nothing, and undoes it; a run that was cut off can be ended.

``engine.apply`` first looks (survey), then writes down what it is about to do (journal), then does it (drive,
signing). After a crash ``engine.unfinished`` finds the run; ``plan_ending`` shows how it would end, and ``resume``,
``undo`` or ``give_up`` end it. Promises P2, P3, P7.
"""
