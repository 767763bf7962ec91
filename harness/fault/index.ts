/**
 * Runtimes that are wrong on purpose: what a fault is, the effects it is made of, and the server behind the executables
 * that apply one fault each in front of a real runtime.
 */
export type { CommandDraft, ProcessChange, TextEdit } from './command-draft.ts'
export {
  after,
  all,
  answer,
  before,
  configuration,
  configurationDocument,
  configurationText,
  type Effect,
  everyProcess,
  executedProcess,
  onCall,
  once,
  operands,
  options,
  output,
  program,
  repeat,
  skip,
  status,
  updatedResources,
  type Verbs,
  when,
} from './effect.ts'
export { checkFaults, type Fault, FaultsError, selectFaults, UnknownFaultError } from './fault.ts'
export { type FaultAccount, FaultServer, type FaultServerOptions } from './fault-server.ts'
export type { CallOption, Verb } from './runtime-call.ts'
