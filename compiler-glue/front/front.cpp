/* SPDX-License-Identifier: MIT */
#include "front/front.h"

#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "clang/CodeGen/CodeGenAction.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/CompilerInvocation.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"

using namespace clang;

namespace
{

/* The disk, remembering every path that was asked for. */
class RecordingDisk final : public llvm::vfs::ProxyFileSystem
{
      public:
	RecordingDisk() : ProxyFileSystem(llvm::vfs::getRealFileSystem())
	{
	}
	llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &path) override
	{
		seen.insert(path.str());
		return ProxyFileSystem::status(path);
	}
	llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>>
	openFileForRead(const llvm::Twine &path) override
	{
		seen.insert(path.str());
		return ProxyFileSystem::openFileForRead(path);
	}
	std::set<std::string> seen;
};

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>
make_files(const cwc_front_input *input, const llvm::IntrusiveRefCntPtr<RecordingDisk> &disk)
{
	auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
	llvm::StringRef base(cwc_front_base_header, cwc_front_base_header_bytes);

	memory->addFile(CWC_FRONT_BASE "/opencl-c-base.h", 0,
			llvm::MemoryBuffer::getMemBuffer(base, "opencl-c-base.h"));
	for (unsigned i = 0; i < input->num_files; i++)
		memory->addFile(llvm::Twine(CWC_FRONT_HEADERS "/") + input->files[i].name, 0,
				llvm::MemoryBuffer::getMemBuffer(input->files[i].text,
								 input->files[i].name));
	auto all = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(disk);
	all->pushOverlay(memory);
	return all;
}

std::string list_of(const RecordingDisk &disk)
{
	std::string list;

	for (const std::string &path : disk.seen)
		if (!llvm::StringRef(path).starts_with("/causeway/") && path != CWC_FRONT_SOURCE)
			list += path + "\n";
	return list;
}

} // namespace

extern "C" int cwc_front_compile(LLVMContextRef context, const cwc_front_input *input,
				 cwc_front_output *output)
{
	std::string log;
	llvm::raw_string_ostream stream(log);
	auto disk = llvm::makeIntrusiveRefCnt<RecordingDisk>();
	auto files = make_files(input, disk);
	std::vector<const char *> args(input->args, input->args + input->num_args);
	auto invocation = std::make_shared<CompilerInvocation>();
	DiagnosticOptions options;
	TextDiagnosticPrinter early_printer(stream, options), printer(stream, options);
	auto early = CompilerInstance::createDiagnostics(*files, options, &early_printer, false);

	*output = {};
	args.push_back(CWC_FRONT_SOURCE);
	if (CompilerInvocation::CreateFromArgs(*invocation, args, *early)) {
		CompilerInstance compiler(invocation);
		EmitLLVMOnlyAction action(llvm::unwrap(context));
		auto source = llvm::MemoryBuffer::getMemBuffer(input->source, CWC_FRONT_SOURCE);

		invocation->getPreprocessorOpts().addRemappedFile(CWC_FRONT_SOURCE, source.get());
		invocation->getPreprocessorOpts().RetainRemappedFileBuffers = true;
		compiler.setVirtualFileSystem(files);
		compiler.setVerboseOutputStream(stream);
		compiler.createDiagnostics(&printer, false);
		compiler.createFileManager();
		if (compiler.ExecuteAction(action))
			output->module = llvm::wrap(action.takeModule().release());
	}
	output->log = strdup(log.c_str());
	output->files = strdup(list_of(*disk).c_str());
	return output->module ? 0 : -1;
}
