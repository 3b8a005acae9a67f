/* SPDX-License-Identifier: MIT */
#include "llvm_shim.h"

#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/Error.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/LowerMemIntrinsics.h>
#include <llvm/Transforms/Utils/ValueMapper.h>

using namespace llvm;

namespace
{

/* Finds or makes in the target module what a copied body refers to. */
class Importer : public ValueMaterializer
{
      public:
	Importer(Module &target, Module &source, bool (*wanted)(LLVMValueRef, void *),
		 void *context)
	    : to(target), from(source), keep(wanted), data(context)
	{
	}

	Value *materialize(Value *value) override
	{
		if (auto *function = dyn_cast<Function>(value))
			return declare(*function);
		if (auto *variable = dyn_cast<GlobalVariable>(value))
			return copy(*variable);
		return nullptr;
	}

	Error run()
	{
		for (Function &function : to)
			if (function.isDeclaration() && !function.isIntrinsic())
				work.push_back(&function);
		while (!work.empty()) {
			Function *declared = work.pop_back_val();
			if (Error error = define(*declared))
				return error;
		}
		return Error::success();
	}

      private:
	Function *declare(Function &source)
	{
		if (source.getParent() == &to)
			return &source;
		if (Function *known = to.getFunction(source.getName()))
			return known;
		Function *copy =
			Function::Create(source.getFunctionType(), GlobalValue::ExternalLinkage,
					 source.getName(), &to);
		copy->copyAttributesFrom(&source);
		copy->setPersonalityFn(nullptr);
		if (!source.isIntrinsic())
			work.push_back(copy);
		return copy;
	}

	GlobalVariable *copy(GlobalVariable &source)
	{
		if (source.getParent() == &to)
			return &source;
		auto known = variables.find(&source);
		if (known != variables.end())
			return known->second;
		auto *copy = new GlobalVariable(
			to, source.getValueType(), source.isConstant(),
			GlobalValue::ExternalLinkage, nullptr, source.getName(), nullptr,
			GlobalValue::NotThreadLocal, source.getAddressSpace());
		copy->copyAttributesFrom(&source);
		variables[&source] = copy;
		unsigned space = source.getAddressSpace();
		bool own = space == 0 || space == 2 || space == 3;
		if (own && source.hasInitializer()) {
			copy->setLinkage(GlobalValue::InternalLinkage);
			copy->setInitializer(
				MapValue(source.getInitializer(), map, RF_None, nullptr, this));
		}
		return copy;
	}

	Error define(Function &declared)
	{
		Function *source = from.getFunction(declared.getName());
		if (!source || source->getFunctionType() != declared.getFunctionType())
			return Error::success();
		if (keep && !keep(wrap(source), data)) {
			declared.copyAttributesFrom(source);
			return Error::success();
		}
		if (Error error = source->materialize())
			return error;
		if (source->isDeclaration())
			return Error::success();
		auto target = declared.arg_begin();
		for (Argument &argument : source->args()) {
			target->setName(argument.getName());
			map[&argument] = &*target++;
		}
		map[source] = &declared;
		SmallVector<ReturnInst *, 8> returns;
		CloneFunctionInto(&declared, source, map, CloneFunctionChangeType::DifferentModule,
				  returns, "", nullptr, nullptr, this);
		declared.setLinkage(GlobalValue::InternalLinkage);
		return Error::success();
	}

	Module &to, &from;
	bool (*keep)(LLVMValueRef, void *);
	void *data;
	ValueToValueMapTy map;
	DenseMap<GlobalVariable *, GlobalVariable *> variables;
	SmallVector<Function *, 32> work;
};

} // namespace

int cwc_llvm_import(LLVMModuleRef to, LLVMModuleRef from, bool (*keep)(LLVMValueRef, void *),
		    void *data, char **error_out)
{
	Importer importer(*unwrap(to), *unwrap(from), keep, data);
	if (Error error = importer.run()) {
		*error_out = LLVMCreateMessage(toString(std::move(error)).c_str());
		return -1;
	}
	return 0;
}

void cwc_llvm_expand_memory_call(LLVMValueRef call, LLVMTargetMachineRef machine)
{
	auto *inst = dyn_cast<MemIntrinsic>(unwrap(call));
	if (!inst)
		return;
	auto *target = reinterpret_cast<TargetMachine *>(machine);
	TargetTransformInfo info = target->getTargetTransformInfo(*inst->getFunction());
	if (auto *copy = dyn_cast<MemCpyInst>(inst))
		expandMemCpyAsLoop(copy, info);
	else if (auto *move = dyn_cast<MemMoveInst>(inst)) {
		if (!expandMemMoveAsLoop(move, info))
			return;
	} else if (auto *set = dyn_cast<MemSetInst>(inst))
		expandMemSetAsLoop(set);
	inst->eraseFromParent();
}

void cwc_llvm_want_stack_sizes(LLVMTargetMachineRef machine)
{
	reinterpret_cast<TargetMachine *>(machine)->Options.EmitStackSizeSection = true;
}

void cwc_llvm_keep_rolled(LLVMValueRef latch)
{
	auto *branch = cast<Instruction>(unwrap(latch));
	LLVMContext &context = branch->getContext();
	MDNode *rule = MDNode::get(context, MDString::get(context, "llvm.loop.unroll.disable"));
	MDNode *loop = MDNode::getDistinct(context, {nullptr, rule});

	loop->replaceOperandWith(0, loop);
	branch->setMetadata(LLVMContext::MD_loop, loop);
}
